/** How one of our processes lives: environment → frozen configuration, a logger, services that start and stop in order. */
export { ConfigError, type EnvReader, readEnv } from './env-reader.ts';
export { address, choice, domains, keyHashes, type Parser, port, positiveInteger, redisUrl, text } from './env-values.ts';
export { createLogger, type Logger } from './logger.ts';
export { runProcess } from './process-lifecycle.ts';
export { ServiceGroup } from './service-group.ts';
