import type { NewMail } from '../src/record/new-record.ts';
import { Sealer, sealKeys } from '../src/record/sealer.ts';

/** Seals and decrypts everything in these tests. */
export const secret = 'c'.repeat(64);
export const sealer = new Sealer(sealKeys(secret));

/** A validated mail; `change` has the fields that a test is about. */
export function sampleMail(change: Partial<NewMail> = {}): NewMail {
  return {
    apiKey: 'signup-service',
    envelope: {
      from: { name: 'Posthouse', address: 'hello@example.com' },
      to: [{ name: 'Anne', address: 'anne@planted-address.example' }],
      cc: [],
      bcc: [],
      replyTo: [],
    },
    content: { template: { name: 'signup', locale: 'ko', data: { nickname: 'planted-nickname' } }, attachments: [], headers: {} },
    templatesHash: 'hash-1',
    priority: 'normal',
    tags: ['welcome'],
    ...change,
  };
}
