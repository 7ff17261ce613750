/** Why a record cannot be read. */

/** A record that this process cannot read: of an unknown version, edited, or sealed with a missing key. The message says which. */
export class RecordError extends Error {
  override readonly name: string = 'RecordError';
}

/** A value was sealed with a key that this process does not have. Another process may have it, so the record is not damaged. */
export class KeyMissingError extends RecordError {
  override readonly name = 'KeyMissingError';
  /** The id of the key in POSTHOUSE_SECRET. */
  readonly keyId: string;

  constructor(keyId: string) {
    super(`it is sealed with the key "${keyId}", which this process does not have: add that key to its POSTHOUSE_SECRET`);
    this.keyId = keyId;
  }
}
