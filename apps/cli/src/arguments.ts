/** Arguments of a command: what cannot be understood is a fault of the usage. */
import { UsageError } from './command.ts';

/** What configuration allows as the name of a key's holder or of a user. */
const namePattern = /^[A-Za-z0-9._-]{1,64}$/;

/** @param parse calls `parseArgs` of node:util. @throws UsageError where that throws */
export function parseOrUsageError<T>(parse: () => T): T {
  try {
    return parse();
  } catch (error) {
    throw new UsageError((error as Error).message);
  }
}

/** The one name that a command is about. @throws UsageError when there is not exactly one, or it has odd characters */
export function requireName([name, ...more]: readonly string[]): string {
  if (name === undefined) throw new UsageError('A name is missing.');
  if (more.length > 0) throw new UsageError('One name at a time.');
  if (!namePattern.test(name)) throw new UsageError('The name may have letters, digits, dot, dash and underscore, at most 64 of them.');
  return name;
}
