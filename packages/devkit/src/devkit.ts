/**
 * Throw-away servers for tests and the sandbox. Real ones: TLS is verified, Redis writes to disk, an app
 * is a process of its own. Each listens on loopback, on a port of its own, and leaves nothing behind.
 */
export { AppProcess, type AppProcessOptions } from './app-process.ts';
export { CertificateAuthority, type CertificateRequest, type IssuedCertificate } from './certificate-authority.ts';
export type { ProcessExit } from './child-process.ts';
export { freePort } from './free-port.ts';
export type { MessageWait, ReceivedMessage } from './inbox.ts';
export { RedisProcess, type RedisProcessOptions } from './redis-process.ts';
export type { FaultScope, ReplyRule, SilenceRule, SmtpPhase, TrickleRule } from './smtp-fault.ts';
export { SmtpServer, type SmtpServerOptions } from './smtp-server.ts';
export { StallingProxy, type StallPoint } from './stalling-proxy.ts';
export { hostileHtml, ThirdPartyServer } from './third-party-server.ts';
