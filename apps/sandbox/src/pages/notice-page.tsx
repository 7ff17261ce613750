/** A page that could not be shown, and what to do instead. */
import type { PageContext } from '../page-context.ts';
import { Layout } from './layout.tsx';

/** What went wrong: its HTTP status, and in words. */
export interface Notice {
  context: PageContext;
  status: number;
  title: string;
  advice: string;
}

/** The whole page. */
export function NoticePage({ context, status, title, advice }: Notice): JSX.Element {
  const { translations, link } = context;
  return (
    <Layout context={context} title={`${status}: ${title}`}>
      <div class="card empty">
        <span class="lit out" aria-hidden="true"></span>
        <h1 safe>{title}</h1>
        <p class="soft" safe>
          {advice}
        </p>
        <a class="button" href={link('/')} safe>
          {translations.join}
        </a>
      </div>
    </Layout>
  );
}
