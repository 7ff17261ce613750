/** Asks once more before the queue is paused, or goes on. */
import { PageHead } from '@posthouse/web';
import type { PageContext } from '../page-context.ts';
import { ActionForm } from './action-form.tsx';
import { Layout } from './layout.tsx';
import type { QueueStatus } from './queue-page.tsx';

/** The whole page. */
export function PausePage({
  context,
  change,
  status,
}: {
  context: PageContext;
  change: 'pause' | 'resume';
  status: QueueStatus;
}): JSX.Element {
  const waiting = (status.counts.queued + status.counts.retrying).toLocaleString('en');
  const words =
    change === 'pause'
      ? 'No worker takes a mail until somebody resumes. Mails are accepted as before, and wait; what a worker has in its hands now still goes out.'
      : `Workers take mails again, the urgent first: ${waiting} wait to be sent or for another try.`;
  return (
    <Layout context={context} title={change === 'pause' ? 'Pause the queue' : 'Resume the queue'} here="/queue">
      <PageHead title={change === 'pause' ? 'Pause the queue?' : 'Resume the queue?'} />
      <section class="card stack">
        <p safe>{words}</p>
        <div class="row">
          {change === 'pause' ? (
            <ActionForm action="/queue/pause" label="Pause the queue" kind="danger" icon="pause" />
          ) : (
            <ActionForm action="/queue/resume" label="Resume the queue" icon="play" />
          )}
          <a class="button quiet" href="/queue">
            Leave it
          </a>
        </div>
      </section>
    </Layout>
  );
}
