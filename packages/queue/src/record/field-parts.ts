/**
 * Long values of a record are stored in parts. Redis keeps a hash in its compact encoding (listpack) as long as no value is longer than 64
 * bytes; with a longer one each field costs several times its bytes. So a value of up to 1,023 bytes is stored in fields of 64 bytes:
 * `envelope`, `envelope.1`, `envelope.2` and so on. A part of exactly 64 bytes continues in the next one, and a shorter one is the last.
 * What is longer is one field: the encoding matters less to it. The Lua for it is in transitions/part-functions.ts.
 */

/** The longest value that a hash keeps compact: `hash-max-listpack-value` of Redis, by default. */
export const partBytes = 64;

/** A value has at most this many parts. */
export const maxParts = 16;

/** The names of all parts that a value may have; that of the first is the name of the field. */
export function partNames(name: string): string[] {
  return Array.from({ length: maxParts }, (_, n) => (n === 0 ? name : `${name}.${n}`));
}

/** Names and values of the fields for a value, in turn. */
export function inParts(name: string, value: string | Buffer): (string | Buffer)[] {
  const bytes = typeof value === 'string' ? Buffer.from(value) : value;
  if (bytes.length < partBytes || bytes.length >= maxParts * partBytes) return [name, value];
  const fields: (string | Buffer)[] = [];
  for (let n = 0; n * partBytes <= bytes.length; n++) {
    fields.push(n === 0 ? name : `${name}.${n}`, bytes.subarray(n * partBytes, (n + 1) * partBytes));
  }
  return fields;
}

/** The value of a field, from its parts; undefined where there is none. */
export function fromParts(name: string, fields: ReadonlyMap<string, Buffer>): Buffer | undefined {
  const first = fields.get(name);
  if (first?.length !== partBytes) return first;
  const parts = [first];
  for (let n = 1; parts.at(-1)?.length === partBytes; n++) parts.push(fields.get(`${name}.${n}`) ?? Buffer.alloc(0));
  return Buffer.concat(parts);
}

/** The numbers of the attempts among the fields of a record, in order. */
export function attemptNumbers(fields: ReadonlyMap<string, Buffer>): number[] {
  return [...fields.keys()]
    .filter((name) => /^attempt:[^.]*$/.test(name))
    .map((name) => Number(name.slice('attempt:'.length)))
    .sort((a, b) => a - b);
}
