/** A page that could not be shown, and what to do instead. */
import type { Reader } from '../reader.ts';
import { Layout } from './layout.tsx';

/** What went wrong: its HTTP status, and in words. */
export interface Notice {
  reader: Reader;
  status: number;
  title: string;
  advice: string;
}

/** The whole page. */
export function NoticePage({ reader, status, title, advice }: Notice): JSX.Element {
  const { words, link } = reader;
  return (
    <Layout reader={reader} title={`${status}: ${title}`}>
      <div class="card empty">
        <span class="lit out" aria-hidden="true"></span>
        <h1 safe>{title}</h1>
        <p class="soft" safe>
          {advice}
        </p>
        <a class="button" href={link('/')} safe>
          {words.join}
        </a>
      </div>
    </Layout>
  );
}
