/** The page of a bulk action: its progress and how it ended, live, and the buttons that stop and resume it. */
import type { MailFilter, MailState } from '@posthouse/contract';
import type { BulkAction, BulkOutcome } from '@posthouse/queue';
import { Fact, Facts, Notice, PageHead } from '@posthouse/web';
import { formatCount } from '../mail-list/mail-count.ts';
import { bulkActionLabels } from '../mails/mail-actions.ts';
import { mailsUrl } from '../mails/mail-search.ts';
import { ActionForm, Progress, When, WhenBy } from '../ui/elements.tsx';
import { Layout } from '../ui/layout.tsx';
import { LiveSection, liveAssets } from '../ui/live-section.tsx';
import type { PageContext } from '../ui/page-context.ts';
import { formatNumber, Text, t, text } from '../ui/translate.ts';
import { BulkBadge, CauseList, describeScope } from './bulk-labels.tsx';

/** What is shown. */
export interface BulkActionProps {
  context: PageContext;
  bulk: BulkAction;
  outcome: BulkOutcome;
}

export function BulkActionPage(props: BulkActionProps): JSX.Element {
  const { context, bulk } = props;
  const label = t(bulkActionLabels[bulk.action]);
  return (
    <Layout context={context} title={t('Bulk action: {label}', { label })} here="/bulk" assets={['bulk.css', ...liveAssets]}>
      <PageHead title={`${label}: ${formatCount(bulk.estimate)}`} />
      <LiveSection url={`/bulk/${bulk.id}/live`}>
        <BulkActionSection {...props} />
      </LiveSection>
    </Layout>
  );
}

/** The part of the page that changes. */
export function BulkActionSection({ context, bulk, outcome }: BulkActionProps): JSX.Element {
  const { action, state, processed, estimate, endedAt, stoppedBy, error } = bulk;
  return (
    <>
      {state === 'failed' && (
        <Notice tone="bad" title={t('The bulk action failed.')}>
          <p>
            <Text
              of="{error}. Fix the cause, then resume; it continues where it stopped."
              values={{ error: error ?? t('The cause is unknown') }}
            />
          </p>
        </Notice>
      )}
      <Outcome bulk={bulk} outcome={outcome} />
      <section class="card stack" aria-label={t('Progress')}>
        <div class="row">
          <BulkBadge state={state} />
          {state === 'running' && (
            <span class="muted" safe>
              {remainingText(context, bulk)}
            </span>
          )}
          {state === 'running' && (
            <span class="muted" safe>
              {t('Runs in the background. You can leave this page.')}
            </span>
          )}
          {endedAt !== undefined && <When context={context} at={endedAt} />}
          {stoppedBy !== undefined && <span safe>{t('by {who}', { who: stoppedBy })}</span>}
        </div>
        <Progress label={t(bulkActionLabels[action])} done={processed} total={state === 'done' ? processed : estimate.mails} />
        <BulkDetails context={context} bulk={bulk} />
        {context.may('operator') && <Buttons bulk={bulk} />}
      </section>
    </>
  );
}

interface OutcomeCount {
  label: string;
  tone: string;
  mails: number;
  /** The mails behind the number. */
  filter: MailFilter;
}

/** How it ended for the mails. Those that were sent to some only are among those that were sent. */
const outcomes: readonly { label: string; tone: string; states: readonly MailState[] }[] = [
  { label: text('Sent'), tone: 'good', states: ['sent'] },
  { label: text('Failed again'), tone: 'bad', states: ['failed'] },
  { label: text('Still waiting'), tone: 'busy', states: ['queued', 'scheduled', 'sending', 'retrying'] },
  { label: text('Uncertain'), tone: 'unsure', states: ['uncertain'] },
  { label: text('Expired'), tone: 'quiet', states: ['expired'] },
  { label: text('Cancelled'), tone: 'quiet', states: ['cancelled'] },
];

function Outcome({ bulk, outcome }: Pick<BulkActionProps, 'bulk' | 'outcome'>): JSX.Element {
  const { partial } = outcome;
  const now = { ...outcome, sent: outcome.sent + partial };
  const counted = outcomes.map(({ states, ...shown }): OutcomeCount => {
    const mails = states.reduce((total, state) => total + now[state], 0);
    return { ...shown, mails, filter: { bulk: bulk.id, state: [...states] } };
  });
  const elsewhere = bulk.changed - counted.reduce((total, { mails }) => total + mails, 0);
  // The first three are the answer to "how did it end?", also where they are 0.
  const shown = counted.filter(({ mails }, n) => mails > 0 || n < 3);
  if (partial > 0)
    shown.splice(1, 0, { label: text('Of these partly'), tone: 'unsure', mails: partial, filter: { bulk: bulk.id, partial: true } });
  return (
    <section class="card stack" aria-label={t('Outcome')}>
      <h2 safe>{t('Outcome')}</h2>
      <ul class="outcomes">
        {shown.map(({ label, tone, filter, mails }) => (
          <li class={['outcome', tone]}>
            <a href={mailsUrl(filter)}>
              <b class="number" safe>
                {formatNumber(mails)}
              </b>
              <span safe>{t(label)}</span>
            </a>
          </li>
        ))}
      </ul>
      {elsewhere > 0 && (
        <p class="muted">
          <Text
            of="{count, plural, one {# mail was} other {# mails were}} changed by a later bulk action, or its record is over."
            values={{ count: elsewhere }}
          />
        </p>
      )}
    </section>
  );
}

function BulkDetails({ context, bulk }: Pick<BulkActionProps, 'context' | 'bulk'>): JSX.Element {
  const { changed, unchanged, perSecond, by, createdAt, scope, causes } = bulk;
  return (
    <Facts>
      <Fact name={t('Changed')}>
        <b class="number" safe>
          {formatNumber(changed)}
        </b>
      </Fact>
      <Fact name={t('Skipped')}>
        <span class="number" safe>
          {formatNumber(unchanged)}
        </span>
      </Fact>
      {causes !== undefined && (
        <Fact name={t('Cause')}>
          <CauseList causes={causes} />
        </Fact>
      )}
      <Fact name={t('Mails')}>
        {scope === undefined ? (
          <span safe>{t('Encrypted with a key that this dashboard does not have')}</span>
        ) : (
          <>
            <span safe>{describeScope(context, scope)}</span>{' '}
            <a href={mailsUrl({ bulk: bulk.id })} safe>
              {t('Show the changed mails')}
            </a>
          </>
        )}
      </Fact>
      <Fact name={t('Rate')}>
        <span class="number" safe>
          {t('at most {rate, number} per second', { rate: perSecond })}
        </span>
      </Fact>
      <Fact name={t('Started')}>
        <WhenBy context={context} at={createdAt} by={by} />
      </Fact>
    </Facts>
  );
}

function Buttons({ bulk: { id, state } }: Pick<BulkActionProps, 'bulk'>): JSX.Element {
  return (
    <div class="row">
      {state === 'running' && <ActionForm action={`/bulk/${id}/stop`} label={t('Stop')} kind="danger" icon="pause" />}
      {(state === 'stopped' || state === 'failed') && <ActionForm action={`/bulk/${id}/resume`} label={t('Resume')} icon="play" />}
    </div>
  );
}

function remainingText(context: PageContext, { estimate, processed, perSecond }: BulkAction): string {
  const ms = (Math.max(estimate.mails - processed, 0) / perSecond) * 1000;
  return ms < 1000 ? t('Almost done') : t('Done {time} at this rate', { time: context.time.relative(Date.now() + ms) });
}
