/**
 * Temporary servers and processes for tests and the sandbox. They are real: TLS is verified, Redis writes to disk, an app
 * is a separate process. Each listens on a free port of the loopback address and leaves nothing behind.
 */
export { CertificateAuthority, type CertificateRequest, type IssuedCertificate } from './certificate-authority.ts';
export { AppProcess, type AppProcessOptions, type ProcessExit } from './child-process.ts';
export { DebianRelay, type DebianRelayOptions } from './debian-relay.ts';
export { DnsServer } from './dns-server.ts';
export { HttpsServer } from './https-server.ts';
export type { MessageWait, ReceivedMessage } from './inbox.ts';
export { parseMetrics, type Samples } from './metrics-text.ts';
export { patientDurations } from './patient-durations.ts';
export { RedisCluster } from './redis-cluster.ts';
export { freePort, RedisProcess, type RedisProcessOptions } from './redis-process.ts';
export {
  isRelayName,
  type RelayLimitName,
  type RelayName,
  type RelayProfile,
  type RelayRefusal,
  relayNames,
  relayProfile,
  relayProfiles,
} from './relay-profiles.ts';
export { ReplicatedRedis } from './replicated-redis.ts';
export { SentinelRedis } from './sentinel-redis.ts';
export type { DelayRule, FaultScope, ReplyRule, SilenceRule, SmtpPhase, TrickleRule } from './smtp-fault.ts';
export { SmtpServer, type SmtpServerOptions } from './smtp-server.ts';
export { type StallPoint, TcpProxy } from './tcp-proxy.ts';
export { hostileHtml, ThirdPartyServer } from './third-party-server.ts';
export { type TokenAnswer, TokenEndpoint, type TokenEndpointOptions } from './token-endpoint.ts';
export { UnansweredPort } from './unanswered-port.ts';
