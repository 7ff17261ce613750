/**
 * Standard output for log lines: the lines of one turn of the event loop are written together, because a write takes longer than the rest of
 * a line. It is a synchronous one, and what is left when the process exits is written then: no line is lost or out of order. Warnings and
 * errors are written at once, also for a process that is killed for what they say.
 */
import { type DestinationStream, pino } from 'pino';

/** pino's number of the level `warn`. */
const warn = 40;

const standardOutput = 1;

/** @param format makes the text of a line from its JSON */
export function logOutput(format?: (line: string) => string): DestinationStream & { lastLevel: number } {
  const stdout = pino.destination({ dest: standardOutput, sync: true });
  let kept = '';
  const flush = () => {
    const lines = kept;
    kept = '';
    if (lines !== '') stdout.write(lines);
  };
  process.once('exit', flush);
  const output = {
    /** That of the line; pino sets it before it writes. */
    lastLevel: 0,
    write(line: string): void {
      if (kept === '') setImmediate(flush);
      kept += format === undefined ? line : format(line);
      if (output.lastLevel >= warn) flush();
    },
    [pino.symbols.needsMetadataGsym]: true,
  };
  return output;
}
