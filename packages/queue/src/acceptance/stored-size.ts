/** How large what is stored of mails is, and how much more time that may take. */
import type { Timings } from '@posthouse/contract';

const mebibyte = 1024 * 1024;

/** Mails in one script: a thousand would block Redis for too long at a time. */
export const mailsInScript = 200;

/** Sealed bytes of the mails in one script, which Redis has in memory several times while it runs. One mail may have more. */
export const bytesInScript = 4 * mebibyte;

/** The bytes of sealed values, which may be large; the other fields are small. */
export function byteLength(fields: readonly (string | number | Buffer)[]): number {
  let bytes = 0;
  for (const field of fields) if (Buffer.isBuffer(field)) bytes += field.length;
  return bytes;
}

/** The time that writing so many bytes may take beyond the usual timeout, in ms. */
export function extraTimeFor(bytes: number, { queue }: Timings): number {
  return (bytes / mebibyte) * queue.perMebibyte;
}
