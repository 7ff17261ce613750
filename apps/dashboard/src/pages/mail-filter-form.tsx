/** The filter of the list: a form that becomes its URL, and the same in words, each with a way to be rid of it. */

import { type Issue, type MailFilter, mailStates } from '@posthouse/contract';
import { ChoiceField, Icon, TextField } from '@posthouse/web';
import { mailsUrl } from '../mail-search.ts';
import type { PageContext } from '../page-context.ts';
import { writeLocalTime } from '../zoned-time.ts';
import { stateLabel } from './badge.tsx';
import { describeFilter } from './filter-description.ts';

/** What the form is filled with. */
export interface FilterFormProps {
  context: PageContext;
  filter: MailFilter;
  issues: readonly Issue[];
  templates: readonly string[];
}

/** The form. It opens by itself while something in it is wrong. */
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
          <TextField
            name="recipient"
            label="Recipient"
            value={filter.recipient}
            hint="An address, or a whole domain"
            error={errorOf('recipient')}
          />
          <ChoiceField
            name="template"
            label="Template"
            value={filter.template ?? ''}
            choices={[{ value: '', label: 'Any' }, ...known.map((name) => ({ value: name, label: name }))]}
          />
          <TextField name="tag" label="Tag" value={filter.tag} error={errorOf('tag')} />
          <TextField name="provider" label="Provider" value={filter.provider} error={errorOf('provider')} />
          <TextField name="error" label="Error" value={filter.error} hint="Such as 550 5.1.1, or ECONNREFUSED" error={errorOf('error')} />
          <TextField name="from" label="Accepted from" type="datetime-local" value={local(filter.from)} error={errorOf('from')} />
          <TextField name="to" label="Accepted until" type="datetime-local" value={local(filter.to)} error={errorOf('to')} />
        </div>
        {filter.group !== undefined && <input type="hidden" name="group" value={filter.group} />}
        <div class="row">
          <button type="submit" class="button">
            Show
          </button>
          <a class="button quiet" href="/mails">
            Show all
          </a>
        </div>
      </form>
    </details>
  );
}

/** The conditions that hold, as links that take them away; and times to choose from that are often wanted. */
export function FilterWords({ context, filter }: { context: PageContext; filter: MailFilter }): JSX.Element {
  const ago = (ms: number) => mailsUrl({ ...filter, from: Math.floor((Date.now() - ms) / 60_000) * 60_000 });
  return (
    <nav class="row chips" aria-label="Filter">
      {describeFilter(context, filter).map(({ name, word, value }) => (
        <a class="chip" href={mailsUrl(without(filter, name))}>
          <span class="muted" safe>
            {word}
          </span>
          <b safe>{value}</b>
          <Icon name="failed" />
          <span class="visually-hidden">take away</span>
        </a>
      ))}
      {filter.from === undefined && (
        <>
          <a class="chip quick" href={ago(3_600_000)}>
            Last hour
          </a>
          <a class="chip quick" href={ago(86_400_000)}>
            Last day
          </a>
        </>
      )}
      {filter.state === undefined && (
        <>
          <a class="chip quick" href={mailsUrl({ ...filter, state: ['failed'] })}>
            Failed
          </a>
          <a class="chip quick" href={mailsUrl({ ...filter, state: ['uncertain'] })}>
            Uncertain
          </a>
          <a class="chip quick" href={mailsUrl({ ...filter, state: ['queued', 'scheduled', 'retrying'] })}>
            Waiting
          </a>
        </>
      )}
    </nav>
  );
}

function without(filter: MailFilter, name: keyof MailFilter): MailFilter {
  const { [name]: _gone, ...rest } = filter;
  return rest;
}
