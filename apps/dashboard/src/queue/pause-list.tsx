/** The card that says whether mail is sent, and what is paused. */
import type { Pause, PauseList } from '@posthouse/queue';
import { Badge } from '../ui/badge.tsx';
import { DataTable } from '../ui/data-table.tsx';
import { ActionForm, When, WhenBy } from '../ui/elements.tsx';
import type { PageContext } from '../ui/page-context.ts';
import { pauseName } from '../ui/system-notices.tsx';
import { formatNumber, Text, t } from '../ui/translate.ts';

/** @param due how many mails could be sent now, but for the pauses */
export function PauseCard({ context, list: { pauses, byTool }, due }: { context: PageContext; list: PauseList; due: number }): JSX.Element {
  const isStopped = byTool || pauses.some(({ scope }) => scope === 'everything');
  const columns = [
    { title: t('Paused') },
    { title: t('Reason') },
    { title: t('Since') },
    { title: t('Until') },
    { title: t('Held mails'), number: true },
    ...(context.may('operator') ? [{ title: t('End'), hiddenTitle: true }] : []),
  ];
  return (
    <section class="card flush" aria-label={t('Queue state')}>
      <div class="card-head">
        <div class="row">
          {isStopped || pauses.length > 0 ? (
            <Badge tone="busy" icon="pause" label={isStopped ? t('Paused') : t('Partly paused')} />
          ) : (
            <Badge tone="good" icon="play" label={t('Running')} />
          )}
          <span class="muted">
            {byTool ? (
              <Text of="By a tool other than this dashboard." />
            ) : (
              pauses.length === 0 && <Text of="Workers send mails as they become due." />
            )}
          </span>
        </div>
        {context.may('operator') && (
          <div class="row">
            {byTool && <ActionForm action="/queue/resume" label={t('End the pause')} kind="quiet" icon="play" />}
            <a class="button quiet" href="/queue/pause" safe>
              {t('Pause…')}
            </a>
          </div>
        )}
      </div>
      {pauses.length > 0 && <DataTable label={t('Pauses')} columns={columns} rows={pauses.map((pause) => row(context, pause, due))} />}
    </section>
  );
}

function row(context: PageContext, pause: Pause, due: number): JSX.Element[] {
  const { id, scope, reason, by, since, until, parked } = pause;
  return [
    <b safe>{pauseName(pause)}</b>,
    <span safe>{reason ?? '–'}</span>,
    <WhenBy context={context} at={since} by={by} only="dateTime" />,
    until === undefined ? <Text of="a user ends it" /> : <When context={context} at={until} only="dateTime" />,
    // That of a provider holds back none as long as another sends them.
    <span safe>{scope === 'provider' ? '–' : formatNumber(scope === 'everything' ? due : parked)}</span>,
    ...(context.may('operator')
      ? [
          <a
            class="button quiet"
            href={`/queue/pauses/${id}/end`}
            aria-label={t('End the pause of {what}', { what: pauseName(pause) })}
            safe
          >
            {t('End…')}
          </a>,
        ]
      : []),
  ];
}
