import { type MailRecord, retention } from '@posthouse/contract';
import { patientDurations, RedisProcess } from '@posthouse/devkit';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { MailQueue } from '../../src/acceptance/mail-queue.ts';
import { importRecords } from '../../src/acceptance/record-import.ts';
import { RequestConnection } from '../../src/connection/request-connection.ts';
import { newMailId, newRecord } from '../../src/record/new-record.ts';
import { FailureGroups } from '../../src/search/failure-groups.ts';
import { MailList } from '../../src/search/mail-list.ts';
import { sampleMail, sealer } from '../sample-mail.ts';

const server = new RedisProcess();
let connection: RequestConnection;

beforeAll(async () => {
  await server.start();
  connection = new RequestConnection(server.url, sealer, patientDurations(), () => undefined);
  await connection.start();
  await connection.whenReady();
});
afterAll(async () => {
  await connection.stop();
  await server.stop();
});

it('imports records with their history, which are read back completely, listed, counted, and sent if they have not ended', async () => {
  const at = Date.now() - 10 * 60_000;
  const delivery = { at, durationMs: 80, provider: 'ses', steps: [{ atMs: 1, command: 'CONNECT', reply: '220' }] };
  const outcome = {
    address: 'anne@planted-address.example',
    verdict: 'FAIL' as const,
    reason: '550 5.1.1',
    code: 550,
    enhancedCode: '5.1.1',
  };
  const failed: MailRecord = {
    ...newRecord(newMailId(at), sampleMail(), at),
    state: 'failed',
    endedAt: at + 500,
    recipients: [
      { address: 'anne@planted-address.example', kind: 'to', state: 'rejected', reason: '550 5.1.1', code: 550, enhancedCode: '5.1.1' },
    ],
    attemptCount: 1,
    attempts: [{ ...delivery, number: 1, verdict: 'FAIL', reason: '550 5.1.1', outcomes: [outcome] }],
  };
  delete failed.nextAttemptAt;
  const retrying: MailRecord = {
    ...newRecord(newMailId(at), sampleMail(), at),
    state: 'retrying',
    nextAttemptAt: Date.now() + 60_000,
    deferralCount: 1,
    lastDeferral: { ...delivery, reason: 'ECONNREFUSED' },
  };
  await importRecords(connection, [failed, retrying]);

  const queue = new MailQueue(connection);
  expect(await queue.read(failed.id, true)).toEqual({ ...failed, contentUntil: (failed.endedAt ?? 0) + retention.failed });
  expect(await queue.read(retrying.id, true)).toEqual(retrying);
  const { mails } = await new MailList(connection).page({ recipient: 'anne@planted-address.example' }, { limit: 5 });
  expect(mails.map(({ state, reason }) => [state, reason]).sort()).toEqual([
    ['failed', '550 5.1.1'],
    ['retrying', 'ECONNREFUSED'],
  ]);
  const groups = await new FailureGroups(connection).top(5);
  expect(groups.map(({ reason, firstAt }) => [reason, firstAt]).sort()).toEqual([
    ['550 5.1.1', at + 500],
    ['ECONNREFUSED', at],
  ]);
  expect(await server.cli('ZCARD', '{posthouse}:mail:delayed')).toBe('1');
  expect(await server.cli('HGET', `{posthouse}:traffic:${Math.floor(at / 3_600_000)}`, `accepted:${Math.floor(at / 60_000) % 60}`)).toBe(
    '2',
  );
  expect(await queue.retry(failed.id)).toEqual({ changed: true, state: 'queued' });
});
