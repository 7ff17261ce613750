/** Asks for confirmation before something is removed that cannot be brought back. */
import { PageHead } from '@posthouse/web';
import { Layout } from './layout.tsx';
import type { PageContext } from './page-context.ts';
import { t } from './translate.ts';

/** What is confirmed. */
export interface RemovalProps {
  context: PageContext;
  /** The menu entry of the page. */
  here: string;
  /** The question. */
  title: string;
  /** What it does, and what stays. */
  effect: string;
  /** The path that the form is sent to. */
  action: string;
  /** Of the button that removes. */
  label: string;
  /** The page to go back to. */
  back: string;
}

export function RemovalPage({ context, here, title, effect, action, label, back }: RemovalProps): JSX.Element {
  return (
    <Layout context={context} title={title} here={here}>
      <PageHead title={title} below={effect} />
      <form class="card row" method="post" action={action}>
        <button type="submit" class="button danger" safe>
          {label}
        </button>
        <a class="button quiet" href={back} safe>
          {t('Go back')}
        </a>
      </form>
    </Layout>
  );
}
