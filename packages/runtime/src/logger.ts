/**
 * Logs: one JSON object on each line of stdout, or coloured lines in a terminal. The message is a fixed event name; values are fields: mail
 * ids, states and codes, never an address, a credential, a token or content.
 */
import { type Logger as PinoLogger, pino } from 'pino';

/** The type of every logger; other packages do not import pino. */
export type Logger = PinoLogger;

/**
 * @param service names the process: `api`, `worker`
 * @param level a pino level, or `silent`
 * @param pretty coloured lines instead of JSON
 */
export function createLogger(service: string, level: string, pretty = false): Logger {
  return pino({
    level,
    base: { service },
    timestamp: pino.stdTimeFunctions.isoTime,
    ...(pretty && {
      transport: {
        target: 'pino-pretty',
        options: { ignore: 'pid,hostname,service', translateTime: 'HH:MM:ss', singleLine: true, messageFormat: '{service}  {msg}' },
      },
    }),
  });
}
