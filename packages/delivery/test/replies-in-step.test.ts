/** Replies that do not belong to the commands: RFC 2920 section 3.1. No receipt comes from another mail's reply. */
import type { Socket } from 'node:net';
import { limits } from '@posthouse/contract';
import { describe, expect, it } from 'vitest';
import { type RawScript, rawRelay } from './raw-relay.ts';
import { anne, client, useRelay } from './relay-fixture.ts';
import { open } from './sample-message.ts';

useRelay();

const envelope = { from: 'hello@example.com', to: [anne] };
const small = async () => Buffer.from('Subject: Hello\r\n\r\nHello\r\n');
/** More than the buffers between two processes take. */
const large = async () => Buffer.from(`Subject: Hello\r\n\r\n${`${'x'.repeat(998)}\r\n`.repeat(20_000)}`);

/** As in production, where Redis is asked. */
const laterGate = async () => {
  await new Promise((resolve) => setImmediate(resolve));
  return { kind: 'open' } as const;
};

/** Replies to one command, where it begins so. */
function replying(verb: string, reply: string, times = Number.POSITIVE_INFINITY): NonNullable<RawScript['command']> {
  let left = times;
  return (line, socket) => {
    if (!line.toUpperCase().startsWith(verb) || left-- <= 0) return false;
    socket.write(reply);
    return true;
  };
}

const notStarted = { verdict: 'DEFER', reason: 'out-of-step' };
const unknown = { verdict: 'UNKNOWN', reason: 'out-of-step' };

/** Such a mail is sent again once, and then held. */
const unanswered = (outcome: object) => (outcome === unknown ? true : undefined);

describe('a reply out of step ends the connection', () => {
  it.each<[string, RawScript, object]>([
    ['250 right after 354', { command: replying('DATA', '354 Go on\r\n250 2.0.0 Ok: queued as ANOTHER\r\n') }, notStarted],
    ['the beginning of a reply right after 354', { command: replying('DATA', '354 Go on\r\n25') }, notStarted],
    ['250 to DATA', { command: replying('DATA', '250 2.0.0 Ok\r\n') }, notStarted],
    ['350 to DATA', { command: replying('DATA', '350 Go on\r\n') }, notStarted],
    ['two replies to RCPT', { command: replying('RCPT', '250 Ok\r\n250 Ok\r\n') }, notStarted],
    ['two replies to RCPT, one command at a time', { command: replying('RCPT', '250 Ok\r\n250 Ok\r\n'), ehlo: ['8BITMIME'] }, notStarted],
    ['two replies to MAIL', { command: replying('MAIL', '250 Ok\r\n550 5.1.1 No such user\r\n') }, notStarted],
    ['354 to RCPT', { command: replying('RCPT', '354 Go on\r\n') }, notStarted],
    ['354 to the message', { dot: (socket) => socket.write('354 Go on\r\n') }, unknown],
    ['a code of one digit to the message', { dot: (socket) => socket.write('2\r\n') }, unknown],
    ['a code of four digits to the message', { dot: (socket) => socket.write('2500 Ok\r\n') }, unknown],
    ['no code to the message', { dot: (socket) => socket.write('Ok\r\n') }, unknown],
    ['only "2" of the reply to the message, then a close', { dot: (socket) => socket.end('2') }, unknown],
    ['only "55" of the reply to the message, then a close', { dot: (socket) => socket.end('55') }, unknown],
    [
      `a reply of ${limits.replyLines + 1} lines`,
      { dot: (socket) => socket.write(`${'250-\r\n'.repeat(limits.replyLines)}250 Ok\r\n`) },
      unknown,
    ],
  ])('%s', async (_what, script, outcome) => {
    const relay = await rawRelay(script);
    const made = client(relay, undefined);
    const attempt = await made.deliver(envelope, small, laterGate);
    expect(attempt).toMatchObject({ kind: 'attempted', outcomes: [outcome] });
    expect(attempt.receipt).toBeUndefined();
    expect(attempt.unanswered).toBe(unanswered(outcome));
    await relay.ended;
    if (outcome === notStarted) expect(relay.messages).toEqual([]);
  });

  it.each(['250 2.0.0 Ok', '550 5.7.1 No'])('%s while the message is being sent', async (reply) => {
    const relay = await rawRelay({ message: stopReadingAnd((socket) => socket.write(`${reply}\r\n`)) });
    const attempt = await client(relay, undefined).deliver(envelope, large, laterGate);
    expect(attempt).toMatchObject({ kind: 'attempted', outcomes: [unknown] });
    expect(attempt.receipt).toBeUndefined();
  });

  it('at the greeting and at EHLO: nothing is sent over it', async () => {
    for (const script of [
      { greet: (socket: Socket) => socket.write('220 relay\r\n250 Ok\r\n') },
      { command: replying('EHLO', '250 relay\r\n250 Ok\r\n') },
    ]) {
      const relay = await rawRelay(script);
      const attempt = await client(relay, undefined).deliver(envelope, small, open);
      expect(attempt).toMatchObject({ kind: 'connection-failed', outcomes: [{ verdict: 'DEFER', reason: 'out-of-step' }] });
      await relay.ended;
    }
  });

  it('no recipient is refused by a reply that belongs to another', async () => {
    const to = ['anne@example.org', 'gone@example.org', 'ben@example.org'];
    // One reply too many: that of gone@ arrives as that of ben@.
    const command: RawScript['command'] = (line, socket) => {
      if (line.startsWith('MAIL')) socket.write('250 Ok\r\n250 Ok\r\n');
      else if (line.startsWith('RCPT')) socket.write(line.includes('gone@') ? '550 5.1.1 No such user\r\n' : '250 Ok\r\n');
      return /^(MAIL|RCPT)/.test(line);
    };
    const attempt = await client(await rawRelay({ command }), undefined).deliver({ ...envelope, to }, small, laterGate);
    expect(attempt.outcomes).toMatchObject([notStarted, notStarted, notStarted]);
  });
});

describe('on a connection that was used before', () => {
  it("a late 250 does not become the next mail's receipt: that one goes over a fresh connection", async () => {
    const sockets: Socket[] = [];
    const relay = await rawRelay({
      dot: (socket) => {
        sockets.push(socket);
        socket.write(`250 2.0.0 Ok: queued as ${sockets.length}\r\n`);
      },
    });
    const made = client(relay, undefined);
    const receipts = [];
    for (let n = 0; n < 3; n++) {
      receipts.push((await made.deliver(envelope, small, laterGate)).receipt?.response);
      if (n === 0) sockets[0]?.write('250 2.0.0 Ok: queued as LATE\r\n');
    }
    expect(receipts).toEqual([1, 2, 3].map((id) => `250 2.0.0 Ok: queued as ${id}`));
    expect(relay.messages).toHaveLength(3);
    expect(relay.connectionCount).toBe(2);
    expect(made.alerts).toEqual([]);
  });

  it.each([
    ['MAIL', '250 Ok\r\n250 Ok\r\n'],
    ['RCPT', '250 Ok\r\n250 Ok\r\n'],
    ['DATA', '250 Ok\r\n'],
    ['DATA', '354 Go on\r\n250 Ok\r\n'],
  ])('%s is replied to with %j: the mail is sent once, over a fresh connection', async (verb, reply) => {
    let isFaulty = false;
    const relay = await rawRelay({
      command: (line, socket) => {
        if (!isFaulty || !line.startsWith(verb)) return false;
        isFaulty = false;
        socket.write(reply);
        return true;
      },
    });
    const made = client(relay, undefined);
    await made.deliver(envelope, small, laterGate);
    isFaulty = true;
    expect(await made.deliver(envelope, small, laterGate)).toMatchObject({ outcomes: [{ verdict: 'ACCEPT' }] });
    expect(relay.messages).toHaveLength(2);
    expect(relay.connectionCount).toBe(2);
  });
});

describe('in step', () => {
  it('a whole code whose line end never came is a reply', async () => {
    const relay = await rawRelay({ dot: (socket) => socket.end('250 2.0.0 Ok: queued as 1') });
    expect(await client(relay, undefined).deliver(envelope, small, laterGate)).toMatchObject({ outcomes: [{ verdict: 'ACCEPT' }] });
  });

  it('421 may be added to any reply, and comes at any time', async () => {
    const added = await rawRelay({ dot: (socket) => socket.end('250 2.0.0 Ok\r\n421 4.4.2 Closing\r\n') });
    const made = client(added, undefined);
    for (let n = 0; n < 2; n++) expect(await made.deliver(envelope, small, laterGate)).toMatchObject({ outcomes: [{ verdict: 'ACCEPT' }] });
    const early = await rawRelay({ message: stopReadingAnd((socket) => socket.write('421 4.4.2 Closing\r\n')) });
    expect(await client(early, undefined).deliver(envelope, large, laterGate)).toMatchObject({
      outcomes: [{ verdict: 'OPEN', reason: '421 4.4.2' }],
    });
  });

  it('empty lines between replies are skipped, but not without end', async () => {
    const some = await rawRelay({ command: replying('RCPT', '\r\n\r\n250 Ok\r\n') });
    expect(await client(some, undefined).deliver(envelope, small, laterGate)).toMatchObject({ outcomes: [{ verdict: 'ACCEPT' }] });
    const flood = await rawRelay({ dot: (socket) => socket.write('\r\n'.repeat(30_000)) });
    expect(await client(flood, undefined).deliver(envelope, small, laterGate)).toMatchObject({ outcomes: [unknown] });
    await flood.ended;
  });

  it.each([
    ['lines', '250-more\r\n', 'out-of-step'],
    ['one line', 'x'.repeat(1000), 'EPROTOCOL'],
  ])('a reply that grows without end, by %s, ends the connection', async (_what, line, reason) => {
    const relay = await rawRelay({
      dot: (socket) => {
        const more = () => {
          while (!socket.destroyed && socket.write(line));
        };
        socket.on('drain', more);
        more();
      },
    });
    const attempt = await client(relay, undefined).deliver(envelope, small, laterGate);
    expect(attempt.outcomes).toMatchObject([{ verdict: 'UNKNOWN', reason }]);
    await relay.ended;
  });
});

function stopReadingAnd(then: (socket: Socket) => void): (socket: Socket) => void {
  return (socket) => {
    socket.pause();
    then(socket);
  };
}
