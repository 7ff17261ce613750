/**
 * Lists of any depth as one argument of a script, which reads it with `cmsgpack.unpack`: for a script that changes many mails, thousands of
 * arguments would cost more than what it does. It is MessagePack with headers of one size, and bytes are strings, which is what they are in
 * Lua. Redis does not know the type that libraries write bytes as.
 */

/** What a script can be given. */
export type LuaValue = string | number | Buffer | readonly LuaValue[];

const float64 = 0xcb;
const string32 = 0xdb;
const array32 = 0xdd;
const headerBytes = 5;
const numberBytes = 9;

/** A UTF-16 code unit takes at most that many bytes in UTF-8. */
const bytesPerUnit = 3;

/** Texts of up to so many characters are written one by one. */
const shortText = 40;

/** @returns the bytes of the argument */
export function packForLua(values: readonly LuaValue[]): Buffer {
  const bytes = Buffer.allocUnsafe(maxBytes(values));
  return bytes.subarray(0, write(bytes, values, 0));
}

function maxBytes(value: LuaValue): number {
  if (typeof value === 'string') return headerBytes + value.length * bytesPerUnit;
  if (typeof value === 'number') return numberBytes;
  if (Buffer.isBuffer(value)) return headerBytes + value.length;
  let sum = headerBytes;
  for (const one of value as readonly LuaValue[]) sum += maxBytes(one);
  return sum;
}

/** @returns the position after the value */
function write(bytes: Buffer, value: LuaValue, at: number): number {
  const start = at + headerBytes;
  if (typeof value === 'number') {
    bytes[at] = float64;
    return bytes.writeDoubleBE(value, at + 1);
  }
  if (typeof value === 'string') {
    const length = writeText(bytes, value, start);
    return writeHeader(bytes, string32, length, at) + length;
  }
  if (Buffer.isBuffer(value)) {
    value.copy(bytes, start);
    return writeHeader(bytes, string32, value.length, at) + value.length;
  }
  const list = value as readonly LuaValue[];
  let next = writeHeader(bytes, array32, list.length, at);
  for (const one of list) next = write(bytes, one, next);
  return next;
}

/** A call for each of many short texts would cost more than their letters. @returns how many bytes it has */
function writeText(bytes: Buffer, text: string, start: number): number {
  const { length } = text;
  if (length > shortText) return bytes.write(text, start);
  for (let n = 0; n < length; n++) {
    const unit = text.charCodeAt(n);
    if (unit > 0x7f) return bytes.write(text, start);
    bytes[start + n] = unit;
  }
  return length;
}

/** @returns the position after the header */
function writeHeader(bytes: Buffer, type: number, length: number, at: number): number {
  bytes[at] = type;
  bytes[at + 1] = length >>> 24;
  bytes[at + 2] = length >>> 16;
  bytes[at + 3] = length >>> 8;
  bytes[at + 4] = length;
  return at + headerBytes;
}
