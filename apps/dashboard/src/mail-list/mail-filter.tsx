/** The filter of the list: a form that becomes the list's URL, and the active conditions as links that remove them. */
import { day, hour, type Issue, limits, type MailFilter, mailStates, minute, type Priority, priorities } from '@posthouse/contract';
import type { MailNames } from '@posthouse/queue';
import { ChoiceField, Icon, TextField } from '@posthouse/web';
import { mailsUrl, subjectParameter, without } from '../mails/mail-search.ts';
import { writeLocalTime } from '../mails/zoned-time.ts';
import { stateLabel } from '../ui/badge.tsx';
import { filterIssueText } from '../ui/known-texts.ts';
import type { PageContext } from '../ui/page-context.ts';
import { pauseOf } from '../ui/paused-mark.tsx';
import { t, text } from '../ui/translate.ts';

const priorityLabels: Record<Priority, string> = { high: text('High'), normal: text('Normal'), low: text('Low') };

/** What the form is filled with. */
export interface FilterFormProps {
  context: PageContext;
  filter: MailFilter;
  /** Words that the subject has. */
  words: string | undefined;
  issues: readonly Issue[];
  /** The parameters as they came: what is invalid stays in its field, to be corrected. */
  written: Readonly<Record<string, unknown>>;
  /** What there is to choose from. */
  choices: MailNames;
}

/** Conditions that the form has a field of text for, which shows what is wrong with its value. */
const textFields = ['recipient', 'from', 'to', 'tag', 'provider', 'apiKey', 'reason', 'metadata', subjectParameter] as const;

/** The form. It is open while a value in it is invalid. */
export function FilterForm({ context, filter, words, issues, written, choices }: FilterFormProps): JSX.Element {
  const errorOf = (name: (typeof textFields)[number]) =>
    issues.filter(({ pointer }) => pointer === `/${name}`).map(({ message }) => filterIssueText(message))[0];
  const textOf = (name: Exclude<(typeof textFields)[number], 'from' | 'to'>) => {
    const value = written[name];
    if (errorOf(name) !== undefined && typeof value === 'string') return value;
    return name === subjectParameter ? words : filter[name];
  };
  const local = (at: number | undefined) => (at === undefined ? undefined : writeLocalTime(at, context.time.zone).slice(0, 16));
  return (
    <details class="card filter" open={issues.length > 0}>
      <summary>
        <Icon name="search" />
        <span safe>{t('Filter')}</span>
      </summary>
      <form action="/mails">
        <fieldset class="states">
          <legend safe>{t('State')}</legend>
          {mailStates.map((state) => (
            <label>
              <input type="checkbox" name="state" value={state} checked={filter.state?.includes(state)} />
              <span safe>{stateLabel(state)}</span>
            </label>
          ))}
        </fieldset>
        <div class="fields">
          <TextField
            name="recipient"
            label={t('Recipient')}
            value={textOf('recipient')}
            hint={t('Address, domain, or anne@')}
            error={errorOf('recipient')}
          />
          <TextField name="from" label={t('Received after')} type="datetime-local" value={local(filter.from)} error={errorOf('from')} />
          <TextField name="to" label={t('Received before')} type="datetime-local" value={local(filter.to)} error={errorOf('to')} />
          <ChoiceField
            name="template"
            label={t('Template')}
            value={filter.template ?? ''}
            choices={[{ value: '', label: t('Any') }, ...templateChoices(context, choices.templates, filter.template)]}
          />
          <TextField name="tag" label={t('Tag')} value={textOf('tag')} suggestions={choices.tags} error={errorOf('tag')} />
          <TextField
            name="provider"
            label={t('Provider')}
            value={textOf('provider')}
            suggestions={choices.providers}
            error={errorOf('provider')}
          />
          <TextField name="apiKey" label={t('API key')} value={textOf('apiKey')} suggestions={choices.apiKeys} error={errorOf('apiKey')} />
          <TextField
            name="reason"
            label={t('Reason')}
            value={textOf('reason')}
            hint={t('Such as 550 5.1.1 or ECONNREFUSED')}
            error={errorOf('reason')}
          />
          <TextField
            name="metadata"
            label={t('Metadata value')}
            value={textOf('metadata')}
            hint={t('In full, such as an order number')}
            error={errorOf('metadata')}
          />
          <ChoiceField
            name="priority"
            label={t('Priority')}
            value={filter.priority ?? ''}
            choices={[{ value: '', label: t('Any') }, ...priorities.map((value) => ({ value, label: t(priorityLabels[value]) }))]}
          />
          <ChoiceField
            name="partial"
            label={t('Partly sent')}
            value={filter.partial === true ? 'true' : ''}
            choices={[
              { value: '', label: t('Any') },
              { value: 'true', label: t('Partly sent only') },
            ]}
          />
          <TextField
            name={subjectParameter}
            label={t('Words of the subject')}
            value={textOf(subjectParameter)}
            hint={t('Searches up to {max} mails, so combine it with other conditions', { max: limits.subjectSearch })}
            error={errorOf(subjectParameter)}
          />
        </div>
        {filter.group !== undefined && <input type="hidden" name="group" value={filter.group.join(',')} />}
        {filter.bulk !== undefined && <input type="hidden" name="bulk" value={filter.bulk} />}
        <div class="row">
          <button type="submit" class="button" safe>
            {t('Apply')}
          </button>
          <a class="button quiet" href="/mails" safe>
            {t('Clear')}
          </a>
        </div>
      </form>
    </details>
  );
}

/** What is wrong with conditions that have no field of text, as in an address that was typed: `State: must be one of …`. */
export function issuesWithoutField(issues: readonly Issue[]): string[] {
  const names = Object.keys(conditionLabels).filter((name) => !textFields.some((field) => field === name)) as (keyof MailFilter)[];
  return names.flatMap((name) =>
    issues.filter(({ pointer }) => pointer === `/${name}`).map(({ message }) => `${t(conditionLabels[name])}: ${filterIssueText(message)}`),
  );
}

/** The choices and, where it is none of them, the present value: a saved filter may name a template that is gone. */
function templateChoices(context: PageContext, names: readonly string[], current: string | undefined): { value: string; label: string }[] {
  const isPaused = (name: string) => pauseOf(context, { scope: 'template', name }) !== undefined;
  const choices = names.map((name) => ({ value: name, label: isPaused(name) ? t('{name} (paused)', { name }) : name }));
  return current === undefined || names.includes(current)
    ? choices
    : [...choices, { value: current, label: t('{name} (not in use)', { name: current }) }];
}

/** The active conditions, each a link without it, and links that add a frequent condition. */
export function FilterChips({
  context,
  filter,
  words,
}: {
  context: PageContext;
  filter: MailFilter;
  words: string | undefined;
}): JSX.Element {
  const withWords: Readonly<Record<string, string>> = words === undefined ? {} : { [subjectParameter]: words };
  const since = (ms: number) => mailsUrl({ ...filter, from: Math.floor((Date.now() - ms) / minute) * minute }, withWords);
  const only = (state: NonNullable<MailFilter['state']>) => mailsUrl({ ...filter, state }, withWords);
  return (
    <nav class="row chips" aria-label={t('Filter')}>
      {describeFilter(context, filter).map(({ name, label, value }) => (
        <Chip label={label} value={value} href={mailsUrl(without(filter, name), withWords)} />
      ))}
      {words !== undefined && <Chip label={t('Words of the subject')} value={words} href={mailsUrl(filter)} />}
      {filter.from === undefined && (
        <>
          <QuickChip label={t('Last hour')} href={since(hour)} />
          <QuickChip label={t('Last 24 hours')} href={since(day)} />
        </>
      )}
      {filter.state === undefined && (
        <>
          <QuickChip label={stateLabel('failed')} href={only(['failed'])} />
          <QuickChip label={stateLabel('uncertain')} href={only(['uncertain'])} />
          <QuickChip label={t('Waiting')} href={only(['queued', 'scheduled', 'retrying'])} />
        </>
      )}
    </nav>
  );
}

/** @param href the list without the condition */
function Chip({ label, value, href }: { label: string; value: string; href: string }): JSX.Element {
  return (
    <a class="chip" href={href}>
      <span class="muted" safe>
        {label}
      </span>
      <b class="clip" safe>
        {value}
      </b>
      <Icon name="failed" />
      <span class="visually-hidden" safe>
        {t('Remove filter')}
      </span>
    </a>
  );
}

function QuickChip({ label, href }: { label: string; href: string }): JSX.Element {
  return (
    <a class="chip quick" href={href} safe>
      {label}
    </a>
  );
}

/** What the conditions of a filter are called. */
export const conditionLabels: Readonly<Record<keyof MailFilter, string>> = {
  state: text('State'),
  group: text('Failure group'),
  bulk: text('Bulk action'),
  reason: text('Reason'),
  template: text('Template'),
  recipient: text('Recipient'),
  tag: text('Tag'),
  provider: text('Provider'),
  apiKey: text('API key'),
  metadata: text('Metadata value'),
  messageId: text('Message-ID'),
  priority: text('Priority'),
  partial: text('Partly sent'),
  from: text('Received after'),
  to: text('Received before'),
};

/** One condition of a filter. */
export interface Condition {
  name: keyof MailFilter;
  label: string;
  value: string;
}

/** The conditions of a filter, as the user reads them. */
export function describeFilter(context: PageContext, filter: MailFilter): Condition[] {
  const { state, template, recipient, tag, provider, reason, apiKey, group, bulk, priority, partial, metadata, messageId, from, to } =
    filter;
  const conditions: { name: keyof MailFilter; value: string | undefined }[] = [
    { name: 'state', value: state?.map(stateLabel).join(t(' or ')) },
    {
      name: 'group',
      value: group && (group.length === 1 ? group[0]?.slice(0, 8) : t('{count} groups', { count: group.length })),
    },
    { name: 'bulk', value: bulk?.slice(-12) },
    { name: 'reason', value: reason },
    { name: 'template', value: template },
    { name: 'recipient', value: recipient },
    { name: 'tag', value: tag },
    { name: 'provider', value: provider },
    { name: 'apiKey', value: apiKey },
    { name: 'metadata', value: metadata },
    { name: 'messageId', value: messageId },
    { name: 'priority', value: priority && t(priorityLabels[priority]) },
    { name: 'partial', value: partial && t('Yes') },
    { name: 'from', value: from === undefined ? undefined : context.time.dateTime(from) },
    { name: 'to', value: to === undefined ? undefined : context.time.dateTime(to) },
  ];
  return conditions.flatMap(({ name, value }) => (value === undefined ? [] : [{ name, label: t(conditionLabels[name]), value }]));
}
