/** How one of our processes lives: environment → frozen configuration, a logger, services that start and stop in order. */
export { ConfigFault, type EnvReader, readEnv } from './env-reader.ts';
export { address, choice, domains, keyHashes, type Parser, port, positiveInteger, redisUrl, text } from './env-values.ts';
export { live } from './live.ts';
export { createLogger, type Logger } from './logger.ts';
export { ServiceGroup } from './service-group.ts';
