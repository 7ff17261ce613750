/**
 * The only room that knows SMTP and nodemailer: a message in, an outcome by recipient out.
 *
 *     OutgoingMessage ─compose─► bytes ─► SmtpPool ─► SmtpSession ─► transcript ─judge─► outcomes
 */
export { type Delivered, MessageDelivery } from './message-delivery.ts';
export type { OutgoingMessage } from './outgoing-message.ts';
export { type Provider, smtpProviders } from './provider.ts';
export { SmtpPool, type TlsTrust } from './smtp-pool.ts';
