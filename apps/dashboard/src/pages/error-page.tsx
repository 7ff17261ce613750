/** Instead of a page that cannot be shown: why, and what to do. */
import type { PageContext } from '../page-context.ts';
import { EmptyState } from './empty-state.tsx';
import { Layout } from './layout.tsx';

/** @param status the HTTP status of the answer */
export function FaultPage(props: { context: PageContext; status: number; title: string; advice: string }): JSX.Element {
  const { context, status, title, advice } = props;
  return (
    <Layout context={context} title={`${status}: ${title}`}>
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
