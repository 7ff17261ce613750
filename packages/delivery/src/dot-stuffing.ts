/**
 * Dot stuffing (RFC 5321 section 4.5.2): no line of a message may look like its end. Only CRLF ends a line; a bare CR or LF becomes one,
 * because a server that takes it for a line end could find the end of the message inside it (SMTP smuggling).
 */

const lineFeed = 0x0a;
const carriageReturn = 0x0d;
const dot = 0x2e;

const inserted = { carriageReturn: Buffer.from('\r'), lineFeed: Buffer.from('\n'), dot: Buffer.from('.') } as const;

/** Messages in which nothing has to be inserted. */
const unchanged = new WeakSet<Buffer>();

/** Notes that each line of a message ends with CRLF, and none begins with a dot: it need not be searched. @returns the same message */
export function withoutDotLines(message: Buffer): Buffer {
  unchanged.add(message);
  return message;
}

/**
 * A block of a message as it is sent.
 * @param from where the block begins in the message: whether a line begins there depends on the byte before
 * @param to where it ends
 * @returns the block itself, where nothing had to be inserted
 */
export function dotStuffed(message: Buffer, from: number, to: number): Buffer {
  if (unchanged.has(message)) return message.subarray(from, to);
  const pieces: Buffer[] = [];
  let kept = from;
  let previous = from === 0 ? lineFeed : message[from - 1];
  for (let at = from; at < to; at++) {
    const byte = message[at] as number;
    // Nearly every byte: it is none of the three, and follows no bare CR.
    if (byte > dot && previous !== carriageReturn) {
      previous = byte;
      continue;
    }
    const isAfterBareCr = previous === carriageReturn && byte !== lineFeed;
    const isBareLf = byte === lineFeed && previous !== carriageReturn;
    const isDotOfLine = byte === dot && (isAfterBareCr || previous === lineFeed);
    if (isAfterBareCr || isBareLf || isDotOfLine) {
      pieces.push(message.subarray(kept, at));
      if (isAfterBareCr) pieces.push(inserted.lineFeed);
      if (isBareLf) pieces.push(inserted.carriageReturn);
      if (isDotOfLine) pieces.push(inserted.dot);
      kept = at;
    }
    previous = byte;
  }
  const rest = message.subarray(kept, to);
  return pieces.length === 0 ? rest : Buffer.concat([...pieces, rest]);
}

/** What ends a message: a dot on a line of its own. */
export function endOfMessage(message: Buffer): Buffer {
  const last = message.at(-1);
  return Buffer.from(last === lineFeed ? '.\r\n' : last === carriageReturn ? '\n.\r\n' : '\r\n.\r\n');
}
