/** Instead of a page that cannot be shown: why, and what to do. */
import type { Reader } from '../reader.ts';
import { EmptyState } from './empty-state.tsx';
import { Layout } from './layout.tsx';

/** @param status the HTTP status of the answer */
export function FaultPage(props: { reader: Reader; status: number; title: string; advice: string }): JSX.Element {
  const { reader, status, title, advice } = props;
  return (
    <Layout reader={reader} title={`${status}: ${title}`}>
      <section class="card">
        <h1 class="unseen" safe>{`${status}: ${title}`}</h1>
        <EmptyState title={title} lit={false}>
          <p class="soft" safe>
            {advice}
          </p>
          <a class="button quiet" href="/">
            Go to the overview
          </a>
        </EmptyState>
      </section>
    </Layout>
  );
}
