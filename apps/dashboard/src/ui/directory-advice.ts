/** Why a user or an API key was not made or changed, in the language of the page; the command line has the error's own message. */
import type { DirectoryError } from '@posthouse/queue';
import { t, text } from './translate.ts';

const advice: Readonly<Record<DirectoryError['kind'], string>> = {
  exists: text('The name {name} is in use already. Choose another name.'),
  missing: text('There is no {name} in Redis. It may have been removed.'),
  unreadable: text('{name} cannot be read with this POSTHOUSE_SECRET. Add the key that it was sealed with, or remove it.'),
  changed: text('Somebody else has changed {name} at the same time. Nothing was changed; look at it and try again.'),
  full: text('{name} is one too many: the limit is reached. First remove one that is not used.'),
  'last-admin': text('{name} is the last admin. First make another user an admin.'),
};

/**
 * @param error of the change that was not possible
 * @param name of the user or the API key
 * @returns why, and what to do; not escaped
 */
export function directoryAdvice({ kind }: DirectoryError, name: string): string {
  return t(advice[kind], { name });
}
