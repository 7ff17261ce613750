/**
 * The only package that knows SMTP and nodemailer: a message in, a delivery attempt with an outcome for each recipient out.
 *
 *     OutgoingMessage ─compose─► bytes ─► ProviderClient ─► SmtpPool ─► SmtpSession ─► transcript ─classify─► outcomes
 *
 * A session is opened in steps: smtp-connect (look-up, TCP, TLS) ─► smtp-handshake (greeting, EHLO, STARTTLS) ─► smtp-login.
 */
export { composeMessage } from './compose.ts';
export { ConnectionError } from './connection-error.ts';
export { defaultEhloName } from './ehlo-name.ts';
export type { MailHistory } from './mail-history.ts';
export { type ConnectionLoad, MessageDelivery, type OnTransaction } from './message-delivery.ts';
export { type OutgoingMessage, outgoingMessage } from './outgoing-message.ts';
export type { OnPhase } from './phase-clock.ts';
export { type Provider, smtpProviders } from './provider.ts';
export { ProviderClient } from './provider-client.ts';
export { inspectRelay, type RelayInspection, type RelayStep, relaySteps } from './relay-inspection.ts';
export type { SmtpCapabilities } from './smtp-capabilities.ts';
export { SmtpPool } from './smtp-pool.ts';
export { warmUpComposer } from './warm-up.ts';
