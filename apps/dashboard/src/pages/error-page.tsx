/** The page for an error: what happened and what to do. */
import { EmptyState } from '@posthouse/web';
import type { PageContext } from '../page-context.ts';
import { Layout } from './layout.tsx';

/** @param status the HTTP status of the response */
export function ErrorPage(props: { context: PageContext; status: number; title: string; advice: string }): JSX.Element {
  const { context, status, title, advice } = props;
  return (
    <Layout context={context} title={`${status}: ${title}`}>
      <section class="card">
        <h1 class="visually-hidden" safe>{`${status}: ${title}`}</h1>
        <EmptyState title={title} lit={false}>
          <p class="muted" safe>
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
