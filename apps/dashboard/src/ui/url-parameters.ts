/** Parameters of a URL that a page knows: a wrong value is refused, so that no page shows other things than its URL says. Unknown ones are ignored. */
import { HttpError } from '@posthouse/web';
import { t } from './translate.ts';

/** The parameters of a request, unchecked. */
export type Query = Readonly<Record<string, unknown>>;

/** Characters of a wrong value that are shown. */
const maxShown = 40;

/**
 * @param name of the parameter
 * @param allowed its values
 * @returns the value; undefined where the parameter is absent or empty
 * @throws HttpError 400 that names the value and those that are allowed
 */
export function choiceIn<T extends string>(query: Query, name: string, allowed: readonly T[]): T | undefined {
  if (isAbsent(query[name])) return undefined;
  const chosen = allowed.find((each) => each === query[name]);
  if (chosen !== undefined) return chosen;
  const list = allowed.join(', ');
  throw wrongValue(query, name, list === '' ? t('No value is possible here.') : t('The value must be one of: {list}.', { list }));
}

/**
 * @param name of the parameter
 * @returns a page of a list, from 1; 1 where the parameter is absent or empty
 * @throws HttpError 400 that names the value
 */
export function pageNumberIn(query: Query, name: string): number {
  const written = isAbsent(query[name]) ? '1' : query[name];
  if (typeof written === 'string' && /^[1-9]\d{0,8}$/.test(written)) return Number(written);
  throw wrongValue(query, name, t('The value must be a whole number from 1.'));
}

/** @param advice what is allowed, as a sentence @returns a 400 that names the value of the parameter */
export function wrongValue(query: Query, name: string, advice: string): HttpError {
  const value = String(query[name]).slice(0, maxShown);
  return new HttpError(400, t('Invalid URL'), t('“{name}={value}” is not valid. {advice}', { name, value, advice }));
}

function isAbsent(value: unknown): boolean {
  return value === undefined || value === '';
}
