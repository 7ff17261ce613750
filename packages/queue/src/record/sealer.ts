/**
 * Seals what must not be readable in Redis: content, addresses, replies. AES-256-GCM with the mail's id and the field's name, with its
 * number where a mail has several, as associated data: a sealed value that is moved to another mail or field cannot be decrypted.
 * Values of version 1 have associated data without the number.
 *
 * Layout of a sealed value: 1 byte version · 1 byte length of the key's id · id · 12 bytes nonce · ciphertext · 16 bytes tag.
 */
import { createCipheriv, createDecipheriv, createHmac, hkdfSync, randomBytes } from 'node:crypto';
import { KeyMissingError } from './record-error.ts';

const version = 2;
const knownVersions = [1, 2];
const nonceBytes = 12;
const tagBytes = 16;

/** Keys by id. The first one seals, all of them decrypt. */
export type SealKeys = ReadonlyMap<string, Buffer>;

/**
 * Reads `POSTHOUSE_SECRET`: 32 bytes in hex, or `id:hex,id:hex` where the first seals and the others still decrypt.
 * @throws Error whose message continues the sentence "POSTHOUSE_SECRET …"; it never contains the secret
 */
export function sealKeys(raw: string): SealKeys {
  const keys = new Map<string, Buffer>();
  for (const part of raw.split(',').map((entry) => entry.trim())) {
    const match = /^(?:([A-Za-z0-9_-]{1,16}):)?([0-9a-fA-F]{64})$/.exec(part);
    if (match?.[2] === undefined)
      throw new Error('must be 32 bytes in hex (make one with `openssl rand -hex 32`), or id:hex,id:hex to rotate');
    const id = match[1] ?? '0';
    if (keys.has(id)) throw new Error(`contains the key id "${id}" twice; give each key a different id`);
    keys.set(id, Buffer.from(match[2], 'hex'));
  }
  return keys;
}

/** The id of the key that sealed a value. */
export function sealingKeyId(sealed: Buffer): string {
  return sealed.toString('utf8', 2, 2 + (sealed[1] ?? 0));
}

/** The version of a sealed value. */
export function sealedVersion(sealed: Buffer): number | undefined {
  return sealed[0];
}

/** Nonces that are taken from the system at a time: a request for each one would cost more than sealing with it. */
const noncesTaken = 256;

/** Random bytes, each of which is used once. */
class Nonces {
  #random = Buffer.alloc(0);
  #at = 0;

  next(): Buffer {
    if (this.#at === this.#random.length) {
      this.#random = randomBytes(noncesTaken * nonceBytes);
      this.#at = 0;
    }
    this.#at += nonceBytes;
    return this.#random.subarray(this.#at - nonceBytes, this.#at);
  }
}

/** Seals and decrypts values of records. */
export class Sealer {
  readonly #keys = new Map<string, Buffer>();
  /** By key id: what its sealed values begin with. */
  readonly #headers = new Map<string, Buffer>();
  readonly #nonces = new Nonces();
  /** The id of the key that seals. */
  readonly sealingId: string;
  /** By key id: a value that shows which key has the name, and does not give the key away. */
  readonly checkValues: ReadonlyMap<string, string>;
  /** That of the first key comes first. */
  readonly #digestKeys: Buffer[];

  constructor(secrets: SealKeys) {
    const [first] = secrets;
    if (first === undefined) throw new Error('a Sealer needs at least one key');
    this.sealingId = first[0];
    // Derived, so that one secret serves several purposes, each with a label.
    this.#digestKeys = [...secrets.values()].map((secret) => derived(secret, 'posthouse/digest'));
    this.checkValues = new Map([...secrets].map(([id, secret]) => [id, derived(secret, 'posthouse/check').toString('hex')]));
    for (const [id, secret] of secrets) {
      this.#keys.set(id, derived(secret, 'posthouse/seal'));
      this.#headers.set(id, Buffer.concat([Buffer.of(version, id.length), Buffer.from(id)]));
    }
  }

  /**
   * @param context what the value belongs to; `decrypt` must be called with the same
   * @param keyId of the key to use; by default the one that seals
   * @throws KeyMissingError
   */
  seal(value: string, context: string, keyId = this.sealingId): Buffer {
    const nonce = this.#nonces.next();
    const cipher = createCipheriv('aes-256-gcm', this.#key(keyId), nonce);
    cipher.setAAD(Buffer.from(context));
    const ciphertext = cipher.update(value, 'utf8');
    // In this mode nothing comes at the end.
    cipher.final();
    return Buffer.concat([this.#headers.get(keyId) as Buffer, nonce, ciphertext, cipher.getAuthTag()]);
  }

  /** @throws KeyMissingError, or Error where the value was altered or belongs to another context */
  decrypt(sealed: Buffer, context: string): string {
    const found = sealedVersion(sealed);
    if (found === undefined || !knownVersions.includes(found)) {
      throw new Error(`it is not a sealed value of version ${knownVersions.join(' or ')}`);
    }
    const nonceAt = 2 + (sealed[1] ?? 0);
    const nonce = sealed.subarray(nonceAt, nonceAt + nonceBytes);
    const body = sealed.subarray(nonceAt + nonceBytes, -tagBytes);
    const decipher = createDecipheriv('aes-256-gcm', this.#key(sealingKeyId(sealed)), nonce, { authTagLength: tagBytes });
    decipher.setAAD(Buffer.from(context));
    decipher.setAuthTag(sealed.subarray(-tagBytes));
    try {
      return Buffer.concat([decipher.update(body), decipher.final()]).toString('utf8');
    } catch {
      throw new Error('it was altered, or sealed for another mail or field');
    }
  }

  /** An HMAC of the value, for a name in Redis that does not give the value away. The same in every process with the same first key. */
  digest(value: string): string {
    return digestWith(this.#digestKeys[0] as Buffer, value);
  }

  /** The digests of the value with each of the keys: a name may have been made with any of them. */
  digests(value: string): string[] {
    return this.#digestKeys.map((key) => digestWith(key, value));
  }

  #key(id: string): Buffer {
    const key = this.#keys.get(id);
    if (key === undefined) throw new KeyMissingError(id);
    return key;
  }
}

function digestWith(key: Buffer, value: string): string {
  return createHmac('sha256', key).update(value).digest('hex').slice(0, 32);
}

function derived(secret: Buffer, label: string): Buffer {
  return Buffer.from(hkdfSync('sha256', secret, '', label, 32));
}
