/** What every process needs: configuration from the environment, a logger, an HTTP service, services that start and stop in order. */
export { boundedFetch, InvalidAnswer } from './bounded-fetch.ts';
export { ConfigError, type EnvReader, readEnv, withEnvFile } from './env-reader.ts';
export {
  address,
  certificateFile,
  choice,
  domains,
  duration,
  logLevel,
  networks,
  type Parser,
  port,
  positiveInteger,
  privateKeyFile,
  readSecret,
  redisUrl,
  text,
} from './env-values.ts';
export { addHealthRoutes, HttpService } from './http-service.ts';
export { type LogSettings, readLogSettings } from './log-settings.ts';
export { createLogger, type Logger, logStyle } from './logger.ts';
export { addMetricsRoutes, type Counter, type Gauge, type Histogram, Metrics } from './metrics.ts';
export { isQuiet, type NotifySettings, type QuietHours, readNotifySettings } from './notify-settings.ts';
export { httpTargets, incidentText, type NotifyTarget, notificationLog } from './notify-targets.ts';
export { prettyLines } from './pretty-lines.ts';
export { packageVersion, runProcess } from './process-lifecycle.ts';
export { type RedisSettings, readRedisSettings, redisAccessVariables } from './redis-settings.ts';
export { addRequestLimits, answerUnreadable, httpServerOptions, RequestLimitError, type UnreadableRequest } from './request-limits.ts';
export { readSenderDomains } from './sender-settings.ts';
export { type ServiceEvent, ServiceGroup } from './service-group.ts';
export { messagingAttributes, spanContextOf, traceContextOf } from './trace-context.ts';
