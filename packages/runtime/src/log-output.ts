/**
 * Standard output for log lines: lines of turns of the event loop that follow each other are written together, because a write takes longer
 * than the rest of a line. It is a synchronous one, and what is left when the process exits is written then: no line is lost or out of order.
 * Warnings and errors are written at once, also for a process that is killed for what they say.
 */
import { type DestinationStream, pino } from 'pino';

/** pino's number of the level `warn`. */
const warn = 40;

const standardOutput = 1;

/** So much is written in any case, in UTF-16 units. What is kept less long is written after the first turn without a line. */
const maxKept = 4096;

/** @param format makes the text of a line from its JSON */
export function logOutput(format?: (line: string) => string): DestinationStream & { lastLevel: number } {
  const stdout = pino.destination({ dest: standardOutput, sync: true });
  let kept = '';
  let isNew = false;
  let isWaiting = false;
  const flush = () => {
    const lines = kept;
    kept = '';
    if (lines !== '') stdout.write(lines);
  };
  const endTurn = () => {
    isWaiting = isNew && kept.length < maxKept;
    isNew = false;
    if (isWaiting) setImmediate(endTurn);
    else flush();
  };
  process.once('exit', flush);
  const output = {
    /** That of the line; pino sets it before it writes. */
    lastLevel: 0,
    write(line: string): void {
      kept += format === undefined ? line : format(line);
      isNew = true;
      if (output.lastLevel >= warn) flush();
      if (isWaiting) return;
      isWaiting = true;
      setImmediate(endTurn);
    },
    [pino.symbols.needsMetadataGsym]: true,
  };
  return output;
}
