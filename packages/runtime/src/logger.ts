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
  // An error that was reduced to some of its fields is logged as it is; pino would name it after its class, `Object`.
  const err = (error: unknown) => (error instanceof Error ? pino.stdSerializers.err(error) : error);
  const options = { level, base: { service }, timestamp: pino.stdTimeFunctions.isoTime, serializers: { err } };
  if (pretty) {
    const format = { ignore: 'pid,hostname,service', translateTime: 'HH:MM:ss', singleLine: true, messageFormat: '{service}  {msg}' };
    return pino({ ...options, transport: { target: 'pino-pretty', options: format } });
  }
  // Written synchronously: otherwise the last lines before an exit arrive out of order or are lost.
  return pino(options, pino.destination({ dest: 1, sync: true }));
}
