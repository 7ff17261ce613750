import { expect, it } from 'vitest';
import { newMailId, newRecord } from '../../src/record/new-record.ts';
import { concerns } from '../../src/record/pause.ts';
import { sampleMail, sealer } from '../sample-mail.ts';

it('a pause of a domain holds no mail back whose recipients there have it', () => {
  const mail = newRecord(newMailId(), sampleMail(), Date.now());
  const match = sealer.digest('planted-address.example');
  const isConcerned = (state: 'pending' | 'accepted' | 'rejected') =>
    concerns({ scope: 'domain', match }, { ...mail, recipients: mail.recipients.map((recipient) => ({ ...recipient, state })) }, (value) =>
      sealer.digests(value),
    );
  expect([isConcerned('pending'), isConcerned('accepted'), isConcerned('rejected')]).toEqual([true, false, false]);
});
