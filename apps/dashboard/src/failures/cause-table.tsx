/** Causes of failures in a table: the server's words, how many mails now and in the last hour, of which templates and providers. */
import { limits } from '@posthouse/contract';
import type { FailureCause, FailureGroup, ServerWords } from '@posthouse/queue';
import { fromFailures } from '../bulk/bulk-request.ts';
import { bulkActionLabels, bulkActionsFor } from '../mails/mail-actions.ts';
import { mailsUrl } from '../mails/mail-search.ts';
import { StateBadge } from '../ui/badge.tsx';
import { type Column, DataTable } from '../ui/data-table.tsx';
import { When } from '../ui/elements.tsx';
import type { PageContext } from '../ui/page-context.ts';
import { PausedMark } from '../ui/paused-mark.tsx';
import { explainReason } from '../ui/reason-explanations.tsx';
import { formatNumber, Text, t } from '../ui/translate.ts';
import { groupIds, Names, StateBadges } from './failure-list.tsx';

/** A cause, with the server's words where it said any. */
export interface ShownCause extends FailureCause, ServerWords {}

/** A cause counts as new for this time after its first mail, ms. */
const { slots, slotMs } = limits.recentFailures;
const newFor = slots * slotMs;

/** Groups inside one row. */
const maxGroupsShown = 20;

/** The table; with checkboxes and buttons for users who may act. */
export function CauseTable({ context, causes }: { context: PageContext; causes: readonly ShownCause[] }): JSX.Element {
  const selectable = context.may('operator');
  const columns: Column[] = [
    { title: t('Cause') },
    { title: t('Mails'), number: true },
    { title: t('Last hour'), number: true },
    { title: t('Template') },
    { title: t('Provider') },
    { title: t('First seen') },
    { title: t('Last seen') },
  ];
  const rows = causes.map((cause) => [...(selectable ? [<Checkbox cause={cause} />] : []), ...cells(context, cause)]);
  const table = (
    <section class="card flush">
      <DataTable
        label={t('Causes of failures')}
        columns={selectable ? [{ title: t('Select all on this page'), selectsAll: true }, ...columns] : columns}
        rows={rows}
      />
    </section>
  );
  if (!selectable) return table;
  const states = [...new Set(causes.flatMap(({ groups }) => groups.map(({ state }) => state)))].filter((state) => state !== 'expired');
  return (
    <form class="stack" action="/bulk/new">
      {table as 'safe'}
      <input type="hidden" {...fromFailures} />
      {states.length > 0 && (
        <fieldset class="row selection">
          <legend class="visually-hidden" safe>
            {t('Actions on the mails of the selected causes')}
          </legend>
          <span data-selected={t('Selected causes: {rows} · mails: {mails}', { rows: '{rows}', mails: '{mails}' })} safe>
            {t('Selected causes:')}
          </span>
          {bulkActionsFor(states).map((action) => (
            <button type="submit" class="button quiet" name="action" value={action} safe>
              {t(bulkActionLabels[action])}
            </button>
          ))}
        </fieldset>
      )}
    </form>
  );
}

function Checkbox({ cause }: { cause: ShownCause }): JSX.Element {
  return (
    <input
      type="checkbox"
      name="group"
      value={groupIds(cause).join(',')}
      data-mails={String(cause.mails)}
      aria-label={t('Select {cause}', { cause: cause.reason })}
    />
  );
}

function cells(context: PageContext, cause: ShownCause): JSX.Element[] {
  const { mails, lastHour, groups, firstAt, lastAt } = cause;
  return [
    <Cause context={context} cause={cause} />,
    <a href={mailsUrl({ group: groupIds(cause) })}>
      <b safe>{formatNumber(mails)}</b>
    </a>,
    <span class={lastHour === 0 ? 'muted' : undefined} safe>
      {formatNumber(lastHour)}
    </span>,
    <Names context={context} groups={groups} of="template" />,
    <Names context={context} groups={groups} of="provider" />,
    <span class="row tight first-seen">
      <When context={context} at={firstAt} only="relative" />
      {Date.now() - firstAt < newFor && (
        <span class="new" safe>
          {t('new')}
        </span>
      )}
    </span>,
    <When context={context} at={lastAt} only="relative" />,
  ];
}

function Cause({ context, cause: { reason, words, step, groups } }: { context: PageContext; cause: ShownCause }): JSX.Element {
  const meaning = explainReason(reason, step);
  return (
    <div class="cause">
      <p>
        <span class="code" safe>
          {reason}
        </span>{' '}
        {meaning !== undefined && <b safe>{meaning}</b>}
      </p>
      {words !== undefined && (
        <p class="muted" safe>
          {`“${words}”`}
        </p>
      )}
      <details>
        <summary>
          <StateBadges groups={groups} />{' '}
          <span class="muted" safe>
            {t('{count, plural, one {# group} other {# groups}}', { count: groups.length })}
          </span>
        </summary>
        <ul class="cause-groups">
          {groups.slice(0, maxGroupsShown).map((group) => (
            <GroupLine context={context} group={group} />
          ))}
          {groups.length > maxGroupsShown && (
            <li class="muted">
              <Text of="{count} smaller groups more" values={{ count: groups.length - maxGroupsShown }} />
            </li>
          )}
        </ul>
      </details>
    </div>
  );
}

/** One group inside its cause: state, template, provider, and the link to its mails. */
function GroupLine({ context, group }: { context: PageContext; group: FailureGroup }): JSX.Element {
  const { state, template, provider, mails, lastAt } = group;
  return (
    <li class="row tight">
      <StateBadge state={state} partial={state === 'sent'} />
      <a href={mailsUrl({ group: [group.group] })} safe>
        {t('{mails, plural, one {# mail} other {# mails}}', { mails })}
      </a>
      <span safe>{template ?? t('Custom content')}</span>
      <PausedMark isSmall context={context} scope="template" name={template} />
      <span class="muted" safe>
        {provider === undefined ? t('not sent to a provider') : t('via {provider}', { provider })}
      </span>
      <PausedMark isSmall context={context} scope="provider" name={provider} />
      <When context={context} at={lastAt} only="relative" />
    </li>
  );
}
