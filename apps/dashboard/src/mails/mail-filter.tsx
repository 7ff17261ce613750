/** The filter of the list: a form that becomes the list's URL, and the active conditions as links that remove them. */
import { type Issue, type MailFilter, mailStates } from '@posthouse/contract';
import { ChoiceField, Icon, TextField } from '@posthouse/web';
import { stateLabel } from '../ui/badge.tsx';
import type { PageContext } from '../ui/page-context.ts';
import { mailsUrl } from './mail-search.ts';
import { writeLocalTime } from './zoned-time.ts';

/** What the form is filled with. */
export interface FilterFormProps {
  context: PageContext;
  filter: MailFilter;
  issues: readonly Issue[];
  /** Names of the templates to choose from. */
  templates: readonly string[];
}

/** The form. It is open while a value in it is invalid. */
export function FilterForm({ context, filter, issues, templates }: FilterFormProps): JSX.Element {
  const errorOf = (name: string) => issues.find(({ pointer }) => pointer === `/${name}`)?.message;
  const local = (at: number | undefined) => (at === undefined ? undefined : writeLocalTime(at, context.time.zone).slice(0, 16));
  const known = filter.template === undefined || templates.includes(filter.template) ? templates : [...templates, filter.template];
  return (
    <details class="card filter" open={issues.length > 0}>
      <summary>
        <Icon name="search" />
        Filter
      </summary>
      <form action="/mails">
        <fieldset class="states">
          <legend>State</legend>
          {mailStates.map((state) => (
            <label>
              <input type="checkbox" name="state" value={state} checked={filter.state?.includes(state)} />
              <span safe>{stateLabel(state)}</span>
            </label>
          ))}
        </fieldset>
        <div class="fields">
          <TextField name="recipient" label="Recipient" value={filter.recipient} hint="Address or domain" error={errorOf('recipient')} />
          <ChoiceField
            name="template"
            label="Template"
            value={filter.template ?? ''}
            choices={[{ value: '', label: 'Any' }, ...known.map((name) => ({ value: name, label: name }))]}
          />
          <TextField name="tag" label="Tag" value={filter.tag} error={errorOf('tag')} />
          <TextField name="provider" label="Provider" value={filter.provider} error={errorOf('provider')} />
          <TextField name="reason" label="Reason" value={filter.reason} hint="550 5.1.1 or ECONNREFUSED" error={errorOf('reason')} />
          <TextField name="apiKey" label="API key" value={filter.apiKey} error={errorOf('apiKey')} />
          <TextField name="from" label="Received after" type="datetime-local" value={local(filter.from)} error={errorOf('from')} />
          <TextField name="to" label="Received before" type="datetime-local" value={local(filter.to)} error={errorOf('to')} />
        </div>
        {filter.group !== undefined && <input type="hidden" name="group" value={filter.group.join(',')} />}
        {filter.bulk !== undefined && <input type="hidden" name="bulk" value={filter.bulk} />}
        <div class="row">
          <button type="submit" class="button">
            Apply
          </button>
          <a class="button quiet" href="/mails">
            Clear
          </a>
        </div>
      </form>
    </details>
  );
}

/** The active conditions, each a link without it, and links that add a frequent condition. */
export function FilterChips({ context, filter }: { context: PageContext; filter: MailFilter }): JSX.Element {
  const since = (ms: number) => mailsUrl({ ...filter, from: Math.floor((Date.now() - ms) / 60_000) * 60_000 });
  return (
    <nav class="row chips" aria-label="Filter">
      {describeFilter(context, filter).map(({ name, label, value }) => (
        <a class="chip" href={mailsUrl(without(filter, name))}>
          <span class="muted" safe>
            {label}
          </span>
          <b safe>{value}</b>
          <Icon name="failed" />
          <span class="visually-hidden">Remove filter</span>
        </a>
      ))}
      {filter.from === undefined && (
        <>
          <QuickChip label="Last hour" href={since(3_600_000)} />
          <QuickChip label="Last 24 hours" href={since(86_400_000)} />
        </>
      )}
      {filter.state === undefined && (
        <>
          <QuickChip label="Failed" href={mailsUrl({ ...filter, state: ['failed'] })} />
          <QuickChip label="Uncertain" href={mailsUrl({ ...filter, state: ['uncertain'] })} />
          <QuickChip label="Waiting" href={mailsUrl({ ...filter, state: ['queued', 'scheduled', 'retrying'] })} />
        </>
      )}
    </nav>
  );
}

function QuickChip({ label, href }: { label: string; href: string }): JSX.Element {
  return (
    <a class="chip quick" href={href} safe>
      {label}
    </a>
  );
}

/** One condition of a filter. */
export interface Condition {
  name: keyof MailFilter;
  label: string;
  value: string;
}

/** The conditions of a filter, as the user reads them. */
export function describeFilter(context: PageContext, filter: MailFilter): Condition[] {
  const { state, template, recipient, tag, provider, reason, apiKey, group, bulk, from, to } = filter;
  const conditions: (Omit<Condition, 'value'> & { value: string | undefined })[] = [
    { name: 'state', label: 'State', value: state?.map(stateLabel).join(' or ') },
    { name: 'group', label: 'Failure group', value: group && (group.length === 1 ? group[0]?.slice(0, 8) : `${group.length} groups`) },
    { name: 'bulk', label: 'Bulk action', value: bulk?.slice(-12) },
    { name: 'reason', label: 'Reason', value: reason },
    { name: 'template', label: 'Template', value: template },
    { name: 'recipient', label: 'Recipient', value: recipient },
    { name: 'tag', label: 'Tag', value: tag },
    { name: 'provider', label: 'Provider', value: provider },
    { name: 'apiKey', label: 'API key', value: apiKey },
    { name: 'from', label: 'Received after', value: from === undefined ? undefined : context.time.dateTime(from) },
    { name: 'to', label: 'Received before', value: to === undefined ? undefined : context.time.dateTime(to) },
  ];
  return conditions.filter((condition): condition is Condition => condition.value !== undefined);
}

function without(filter: MailFilter, name: keyof MailFilter): MailFilter {
  const { [name]: _removed, ...rest } = filter;
  return rest;
}
