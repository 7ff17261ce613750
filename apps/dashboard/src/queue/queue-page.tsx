/** `/queue`: whether mail is sent and what is paused, how many mails are in each state, and the workers. Live. */
import { type MailState, mailStates } from '@posthouse/contract';
import { type LiveWorker, QueueMeter, QueueOverview, type RequestConnection, type WaitingMails } from '@posthouse/queue';
import { PageHead, sendPage } from '@posthouse/web';
import type { FastifyPluginAsync } from 'fastify';
import { StateBadge } from '../ui/badge.tsx';
import { Layout } from '../ui/layout.tsx';
import { LiveSection, liveAssets, pollLiveSection } from '../ui/live-section.tsx';
import type { PageContext } from '../ui/page-context.ts';
import { SystemNotices } from '../ui/system-notices.tsx';
import { type SystemStatus, type SystemStatusReader, withLatest } from '../ui/system-status.ts';
import { formatNumber, t } from '../ui/translate.ts';
import { PauseCard } from './pause-list.tsx';
import { WorkerList } from './worker-list.tsx';

/** The queue at one moment. */
interface QueueStatus {
  counts: Record<MailState, number>;
  system: SystemStatus;
  workers: readonly LiveWorker[];
  due: WaitingMails;
}

interface QueueProps {
  context: PageContext;
  status: QueueStatus;
}

/** @returns the routes, as a plugin */
export function queueRoutes(connection: RequestConnection, statusReader: SystemStatusReader): FastifyPluginAsync {
  const overview = new QueueOverview(connection);
  const meter = new QueueMeter(connection);
  const readStatus = async (): Promise<QueueStatus> => {
    const [counts, system, workers, due] = await Promise.all([overview.counts(), statusReader.read(), overview.workers(), meter.due()]);
    return { counts, system, workers, due };
  };

  return async (app) => {
    app.get('/queue', async ({ context }, reply) => sendPage(reply, <QueuePage context={context} status={await readStatus()} />));

    app.get('/queue/live', (request, reply) =>
      pollLiveSection(request, reply, connection.timings.dashboard.statusPoll, async () => (
        <QueueSection context={request.context} status={await readStatus()} />
      )),
    );
  };
}

function QueuePage({ context, status }: QueueProps): JSX.Element {
  return (
    <Layout context={context} title={t('Queue')} here="/queue" assets={['queue.css', ...liveAssets]} hasNotices>
      <PageHead title={t('Queue')}>
        {context.may('admin') && (
          <a class="button quiet" href="/queue/board/" safe>
            {t('BullMQ jobs')}
          </a>
        )}
      </PageHead>
      <LiveSection url="/queue/live">
        <QueueSection context={context} status={status} />
      </LiveSection>
    </Layout>
  );
}

/** The part of the page that changes. */
function QueueSection({ context, status: { counts, system, workers, due } }: QueueProps): JSX.Element {
  return (
    <>
      {/* The card below says what is paused. */}
      <SystemNotices context={context} status={{ ...withLatest(system, { workers }), pauses: [], byTool: false }} />
      <PauseCard context={context} list={system} due={due.mails} />
      <div class="columns">
        <section class="card flush">
          <div class="card-head">
            <h2 safe>{t('Mails by state')}</h2>
          </div>
          <ul class="state-counts">
            {mailStates.map((state) => (
              <li>
                <a href={`/mails?state=${state}`}>
                  <StateBadge state={state} />
                </a>
                <span class="number" safe>
                  {formatNumber(counts[state])}
                </span>
              </li>
            ))}
          </ul>
        </section>
        <div class="stack state-counts-side">
          <WorkerList context={context} workers={workers} />
        </div>
      </div>
    </>
  );
}
