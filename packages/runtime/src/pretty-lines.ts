/** Log lines for a person: pino's JSON lines as `[17:40:03] INFO: api: ready {"port":3000}`, with times in the zone of this machine. */
import { createRequire } from 'node:module';
import type * as PinoPretty from 'pino-pretty';

/**
 * @param coloured for a terminal that has colours
 * @returns a function from one JSON line to what it shows, with a line break at its end; a line that is not JSON stays as it is
 */
export function prettyLines(coloured: boolean): (line: string) => string {
  // Loaded here, because a process that writes JSON does not need it.
  const { prettyFactory } = createRequire(import.meta.url)('pino-pretty') as typeof PinoPretty;
  const format = prettyFactory({
    colorize: coloured,
    ignore: 'pid,hostname,service',
    translateTime: 'SYS:HH:MM:ss',
    singleLine: true,
    // Only `err` has a stack; a field `error` is a text like others.
    errorLikeObjectKeys: ['err'],
    messageFormat: '{service}: {msg}',
  });
  return (line) => format(withShortError(line));
}

/** An error without a stack needs no lines of its own. */
function withShortError(line: string): string {
  if (!line.includes('"err":')) return line;
  try {
    const { err, ...entry }: { err?: { message?: string; stack?: string } } = JSON.parse(line);
    return err === undefined || err.stack !== undefined ? line : JSON.stringify({ ...entry, error: err.message });
  } catch {
    return line;
  }
}
