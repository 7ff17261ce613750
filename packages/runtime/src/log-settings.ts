/** How a process logs: the variables that all of them read. */
import type { EnvReader } from './env-reader.ts';
import { type LogFormat, logFormat, logLevel } from './env-values.ts';

/** What is logged, and how. */
export interface LogSettings {
  /** A pino level, or `silent`. */
  logLevel: string;
  /** Undefined: lines for a person in a terminal, JSON elsewhere. */
  logFormat: LogFormat | undefined;
}

/** Reads LOG_LEVEL and LOG_FORMAT. */
export function readLogSettings(read: EnvReader): LogSettings {
  return { logLevel: read.withDefault('LOG_LEVEL', logLevel, 'info'), logFormat: read.optional('LOG_FORMAT', logFormat) };
}
