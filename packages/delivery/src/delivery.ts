/**
 * The only room that knows SMTP and nodemailer: a message in, an outcome by recipient out.
 *
 *     OutgoingMessage ─compose─► bytes ─► ProviderClient ─► SmtpPool ─► SmtpSession ─► transcript ─judge─► outcomes
 */
export { composeMessage } from './compose.ts';
export { MessageDelivery } from './message-delivery.ts';
export { type OutgoingMessage, outgoingMessage } from './outgoing-message.ts';
export { type Provider, smtpProviders } from './provider.ts';
export { type Delivered, ProviderClient } from './provider-client.ts';
export { SmtpPool } from './smtp-pool.ts';
export { ConnectionError } from './smtp-session.ts';
