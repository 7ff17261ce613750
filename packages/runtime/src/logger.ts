/**
 * Logs: one JSON object on each line of stdout, or lines for a person in a terminal. The message is a fixed event name; values are fields:
 * mail ids, states and codes, never an address, a credential, a token or content.
 */
import { type Logger as PinoLogger, pino } from 'pino';
import type { LogFormat } from './env-values.ts';
import { logOutput } from './log-output.ts';
import { prettyLines } from './pretty-lines.ts';

/** The type of every logger; other packages do not import pino. */
export type Logger = PinoLogger;

/** How log lines look. */
export type LogStyle = 'json' | 'pretty' | 'coloured';

/** What decides about the style; a stream of the process has it, and `isTTY` only in a terminal. */
type Output = Pick<NodeJS.WriteStream, 'hasColors'> & { isTTY?: boolean };

/**
 * @param format LOG_FORMAT; when undefined, lines are for a person in a terminal and JSON elsewhere
 * @param stdout its terminal decides about colours, as do NO_COLOR and FORCE_COLOR
 */
export function logStyle(format: LogFormat | undefined, stdout: Output): LogStyle {
  const isTerminal = stdout.isTTY === true;
  if ((format ?? (isTerminal ? 'pretty' : 'json')) === 'json') return 'json';
  return isTerminal && stdout.hasColors() ? 'coloured' : 'pretty';
}

/**
 * @param service names the process: `api`, `worker`
 * @param level a pino level, or `silent`
 * @param write takes each line in place of standard output
 */
export function createLogger(service: string, level: string, style: LogStyle = 'json', write?: (line: string) => void): Logger {
  // An error that was reduced to some of its fields is logged as it is; pino would name it after its class, `Object`.
  const err = (error: unknown) => (error instanceof Error ? pino.stdSerializers.err(error) : error);
  const options = { level, base: { service }, timestamp: pino.stdTimeFunctions.isoTime, serializers: { err } };
  if (write !== undefined) return pino(options, { write });
  return pino(options, style === 'json' ? logOutput() : logOutput(prettyLines(style === 'coloured')));
}
