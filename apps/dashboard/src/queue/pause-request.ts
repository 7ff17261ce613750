/** A requested pause: read from the parameters of a URL or from the form that starts it, which have the same names. */
import { limits, readMailFilter } from '@posthouse/contract';
import { type NewPause, type PauseScope, type ProviderStatus, pauseScopes } from '@posthouse/queue';
import { t, text } from '../ui/translate.ts';

const hour = 60;
const day = 24 * hour;

/** How long a pause may be chosen to last, in minutes; '' for one that a user ends. */
export const pauseLengths = [
  { value: '', label: text('Until a user ends it') },
  { value: '15', label: text('15 minutes') },
  { value: String(hour), label: text('1 hour') },
  { value: String(4 * hour), label: text('4 hours') },
  { value: String(12 * hour), label: text('12 hours') },
  { value: String(day), label: text('1 day') },
  { value: String(7 * day), label: text('7 days') },
] as const;

/** The scopes as a form offers them. */
export const scopeChoices: Readonly<Record<PauseScope, string>> = {
  template: text('One template'),
  tag: text('One tag'),
  provider: text('One provider'),
  domain: text('One recipient domain'),
  everything: text('Everything'),
};

/** The fields as they were entered. */
export type PauseFields = Record<'scope' | 'name' | 'reason' | 'minutes', string>;

/** What is wrong with a field. */
export type PauseIssues = Partial<Record<'name' | 'reason', string>>;

/** What there is to pause. */
export interface Pausable {
  /** The names of templates. */
  templates: readonly string[];
  providers: readonly Pick<ProviderStatus, 'name'>[];
  /** Whether a mail is waiting, or is kept, with this template or tag. */
  isKnown: (filter: { template: string } | { tag: string }) => Promise<boolean>;
}

/** @param parameters of the URL or the form; anything else in it is ignored */
export function readPauseFields(parameters: unknown): PauseFields {
  const all = (parameters ?? {}) as Record<string, unknown>;
  const one = (name: string) => (typeof all[name] === 'string' ? all[name].trim() : '');
  return { scope: one('scope'), name: one('name'), reason: one('reason'), minutes: one('minutes') };
}

/** Checks that what is to be paused exists. @returns the pause, or what is wrong with which field */
export async function checkPause(
  fields: PauseFields,
  { templates, providers, isKnown }: Pausable,
): Promise<{ pause: Omit<NewPause, 'by'> } | { issues: PauseIssues }> {
  const issues: PauseIssues = {};
  const scope = pauseScopes.find((known) => known === fields.scope) ?? 'template';
  const minutes = pauseLengths.find(({ value }) => value === fields.minutes)?.value || '0';
  if (fields.reason === '') issues.reason = t('Say why: everyone who finds a waiting mail sees it.');
  else if (fields.reason.length > limits.pauses.reasonLength)
    issues.reason = t('At most {max} characters', { max: limits.pauses.reasonLength });
  let { name } = fields;
  if (scope === 'everything') name = '';
  else if (name === '' || name.length > limits.addressLength) issues.name = t('Enter a name.');
  else if (scope === 'template' && !templates.includes(name) && !(await isKnown({ template: name })))
    issues.name = t('There is no template {name}. Templates: {list}', { name, list: templates.join(', ') });
  else if (scope === 'tag' && !(await isKnown({ tag: name }))) issues.name = t('No mail has the tag {name}.', { name });
  else if (scope === 'provider' && !providers.some((provider) => provider.name === name)) {
    const list = providers.map((provider) => provider.name).join(', ') || '–';
    issues.name = t('No running worker has the provider {name}. Providers: {list}', { name, list });
  } else if (scope === 'domain') {
    const { recipient } = readMailFilter({ recipient: name }).filter;
    if (recipient === undefined || recipient.includes('@')) issues.name = t('Enter a domain, such as example.com.');
    else name = recipient;
  }
  if (Object.keys(issues).length > 0) return { issues };
  return { pause: { scope, name, reason: fields.reason, ...(minutes !== '0' && { ms: Number(minutes) * 60_000 }) } };
}
