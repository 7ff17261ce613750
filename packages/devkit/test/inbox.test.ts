import { expect, test } from 'vitest';
import { Inbox, type ReceivedMessage } from '../src/inbox.ts';

function message(id: string, ...to: string[]): ReceivedMessage {
  return { id, from: 'a@example.com', to, raw: Buffer.from(''), messageId: `<${id}@example.com>`, at: 0, sessionId: 's', authUser: 'u' };
}

test('arrivals are counted by Message-ID and recipient', () => {
  const inbox = new Inbox(true);
  inbox.receive(message('1', 'anne@example.com', 'bo@example.com'));
  inbox.receive(message('1', 'bo@example.com'));
  inbox.receive(message('2', 'bo@example.com'));
  expect([...inbox.arrivals]).toEqual([
    ['<1@example.com> anne@example.com', 1],
    ['<1@example.com> bo@example.com', 2],
    ['<2@example.com> bo@example.com', 1],
  ]);
});

test('nextMessage returns every message once, whether it arrived before or arrives later', async () => {
  const inbox = new Inbox(true);
  inbox.receive(message('1', 'anne@example.com'));
  expect((await inbox.nextMessage()).id).toBe('1');
  const second = inbox.nextMessage();
  const third = inbox.nextMessage();
  inbox.receive(message('2', 'anne@example.com'));
  inbox.receive(message('3', 'anne@example.com'));
  expect([(await second).id, (await third).id]).toEqual(['2', '3']);
});

test('nextMessage leaves messages that do not match for other calls', async () => {
  const inbox = new Inbox(true);
  const forBo = inbox.nextMessage({ where: ({ to }) => to.includes('bo@example.com') });
  inbox.receive(message('1', 'anne@example.com'));
  inbox.receive(message('2', 'bo@example.com'));
  expect((await forBo).id).toBe('2');
  expect((await inbox.nextMessage()).id).toBe('1');
});

test('nextMessage rejects after its timeout with the number of messages so far', async () => {
  const inbox = new Inbox(true);
  inbox.receive(message('1', 'anne@example.com'));
  await expect(inbox.nextMessage({ where: () => false, timeoutMs: 20 })).rejects.toThrow(
    'No matching message has arrived within 20 ms; 1 in total so far',
  );
});

test('waitForMessages counts earlier messages too', async () => {
  const inbox = new Inbox(true);
  inbox.receive(message('1', 'anne@example.com'));
  const two = inbox.waitForMessages(2);
  inbox.receive(message('2', 'anne@example.com'));
  expect((await two).map(({ id }) => id)).toEqual(['1', '2']);
  expect(await inbox.waitForMessages(1)).toHaveLength(2);
  await expect(inbox.waitForMessages(3, 20)).rejects.toThrow('Fewer than 3 messages have arrived within 20 ms; 2 in total so far');
});

test('messages that are not kept are counted and returned as they arrive', async () => {
  const inbox = new Inbox(false);
  const next = inbox.nextMessage();
  inbox.receive(message('1', 'anne@example.com'));
  expect((await next).id).toBe('1');
  expect(inbox.messages).toEqual([]);
  expect(inbox.arrivals.size).toBe(1);
  await inbox.waitForMessages(1);
});

test('a listener is called until it is unsubscribed', () => {
  const inbox = new Inbox(true);
  const heard: string[] = [];
  const end = inbox.onMessage(({ id }) => heard.push(id));
  inbox.receive(message('1', 'anne@example.com'));
  end();
  inbox.receive(message('2', 'anne@example.com'));
  expect(heard).toEqual(['1']);
});
