/** Why a record cannot be read. */
import { refusalOf } from '../redis/redis-failures.ts';

/** A record that this process cannot read: of an unknown version, edited, or sealed with a missing key. The message says which. */
export class RecordError extends Error {
  override readonly name: string = 'RecordError';
}

/** True for the error of Redis where the key of a record holds something else, such as a list: nothing of it can be read. */
export function isWrongType(error: unknown): boolean {
  return error instanceof Error && error.message.includes('WRONGTYPE');
}

/**
 * True where a command fails on what Redis holds, as it does each time: a record was edited, or a key holds something that Posthouse has
 * not written. Any other refusal, such as the limit of a hosted Redis, may pass: no mail fails for it.
 */
export function failsOnData(error: unknown): error is Error {
  if (!(error instanceof Error) || error.name !== 'ReplyError' || refusalOf(error) !== undefined) return false;
  // Of scripts Redis names the line.
  return isWrongType(error) || error.message.includes('user_script');
}

/** A sealed value cannot be opened: it was edited, or another key has the name of the one that sealed it. */
export class DecryptionError extends RecordError {
  override readonly name: string = 'DecryptionError';
  /** The id of the key in POSTHOUSE_SECRET that sealed the value. */
  readonly keyId: string;

  constructor(message: string, keyId: string) {
    super(message);
    this.keyId = keyId;
  }
}

/** A value was sealed with a key that this process does not have. Another process may have it, so the record is not damaged. */
export class KeyMissingError extends DecryptionError {
  override readonly name = 'KeyMissingError';

  constructor(keyId: string) {
    super(`it is sealed with the key "${keyId}", which this process does not have: add that key to its POSTHOUSE_SECRET`, keyId);
  }
}
