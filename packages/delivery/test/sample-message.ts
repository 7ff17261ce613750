import { waits } from '@posthouse/contract';
import type { CertificateAuthority, SmtpServer } from '@posthouse/devkit';
import type { OutgoingMessage } from '../src/outgoing-message.ts';
import { smtpProviders } from '../src/provider.ts';
import { SmtpPool } from '../src/smtp-pool.ts';

/** Waits short enough for a test to see them pass. */
export const quick = { ...waits.smtp, connect: 1000, socket: 2000, transaction: 1500, idle: 200 };

/** A pool of connections to a devkit server, trusting its authority. */
export function poolFor(server: SmtpServer, ca: CertificateAuthority | undefined, query = ''): SmtpPool {
  const [provider] = smtpProviders(`${server.url}${query}`);
  if (provider === undefined) throw new Error('no provider');
  return new SmtpPool(provider, ca === undefined ? {} : { ca: ca.caPem }, quick);
}

/** A message with every field; what a test does not care about is filled in. */
export function sampleMessage(change: Partial<OutgoingMessage> = {}): OutgoingMessage {
  return {
    messageId: '<0190a0b0-0000-7000-8000-000000000001@example.com>',
    date: new Date('2026-11-22T10:00:00Z'),
    from: { name: '오늘은 너네집', address: 'hello@example.com' },
    to: [{ name: 'Anne', address: 'anne@example.org' }],
    cc: [],
    replyTo: [],
    subject: '가입해주셔서 감사합니다!',
    html: '<p>안녕, Anne</p>',
    text: '안녕, Anne',
    attachments: [],
    headers: {},
    ...change,
  };
}
