/**
 * Logs: one JSON object a line on stdout, or coloured lines where a person looks at a terminal.
 * They carry mail ids, states and codes; never an address, a credential, a token or content.
 */
import { type Logger as PinoLogger, pino } from 'pino';

/** A pino logger. */
export type Logger = PinoLogger;

/**
 * @param service which process speaks: `api`, `worker`
 * @param level a pino level, or `silent`
 * @param pretty for a person at a terminal instead of for machines
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
