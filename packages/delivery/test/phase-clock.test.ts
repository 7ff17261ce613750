/** The deadlines of a connection, by phase: RFC 5321 section 4.5.3.2, scaled. */
import { setTimeout } from 'node:timers/promises';
import type { SmtpPhase } from '@posthouse/contract';
import { describe, expect, it } from 'vitest';
import { MessageDelivery } from '../src/message-delivery.ts';
import { type RawScript, rawRelay } from './raw-relay.ts';
import { anne, ca, client, relay, server, useRelay } from './relay-fixture.ts';
import { type ClientOptions, open, patient, sampleMessage } from './sample-message.ts';

useRelay();

const short = 400;

/** Only this phase has a short deadline. */
const only = (phase: SmtpPhase, ms = short) => patient({ [phase]: ms });

const envelope = { from: 'hello@example.com', to: [anne] };
const small = async () => Buffer.from('Subject: Hello\r\n\r\nHello\r\n');
/** More than the buffers between two processes take. */
const large = async () => Buffer.from(`Subject: Hello\r\n\r\n${`${'x'.repeat(998)}\r\n`.repeat(20_000)}`);

async function rawClient(script: RawScript, options: ClientOptions = {}) {
  const relay = await rawRelay(script);
  return { relay, made: client(relay, undefined, options) };
}

describe('each phase has its own deadline', () => {
  it('at which a server hangs, or trickles its reply', async () => {
    const phases = [
      ['greeting', 'CONNECT', 'DEFER', 'no whole greeting came'],
      ['ehlo', 'EHLO', 'DEFER', 'no whole reply to EHLO came'],
      ['auth', 'AUTH', 'DEFER', 'no whole reply to AUTH came'],
      ['mail', 'MAIL', 'DEFER', 'no whole reply to MAIL came'],
      ['rcpt', 'RCPT', 'DEFER', 'no whole reply to RCPT came'],
      ['data', 'DATA', 'DEFER', 'no whole reply to DATA came'],
      ['dot', 'DOT', 'UNKNOWN', 'no whole reply to the end of the message came'],
    ] as const;
    const attempts = phases.flatMap(([phase, step, verdict, words]) =>
      (['hang', 'trickle'] as const).map(async (behaviour) => {
        const faulty = await relay();
        if (behaviour === 'hang') faulty.hangAt(step);
        else faulty.trickleAt(step, { gapMs: short / 4 });
        const attempt = await new MessageDelivery([client(faulty, ca, { timings: only(phase) })]).deliver(sampleMessage(), [anne], open);
        expect(attempt.outcomes).toMatchObject([{ verdict, reason: 'EDEADLINE' }]);
        expect(attempt.detail ?? attempt.steps.at(-1)?.reply).toContain(`${words} within ${short / 1000} s`);
        expect([phase, attempt.unanswered]).toEqual([phase, phase === 'dot' ? true : undefined]);
      }),
    );
    await Promise.all(attempts);
  });

  it.each([['starttls'], ['connect']] as const)('%s, for STARTTLS', async (phase) => {
    const raw = await rawRelay({
      ehlo: ['STARTTLS'],
      command: (line, socket) => {
        if (line !== 'STARTTLS') return false;
        // The server takes the command, and never starts TLS.
        if (phase === 'connect') socket.write('220 Go on\r\n');
        return true;
      },
    });
    const made = client({ url: raw.url.replace('?tls=off', '') }, undefined, { timings: only(phase) });
    const attempt = await made.deliver(envelope, small, open);
    expect(attempt).toMatchObject({ kind: 'connection-failed', outcomes: [{ verdict: 'DEFER', reason: 'EDEADLINE' }] });
    expect(attempt.detail).toMatch(phase === 'connect' ? /TCP and TLS were not finished/ : /no whole reply to STARTTLS/);
  });

  it('a multi-line reply of which the end never comes', async () => {
    const { made } = await rawClient(
      {
        ehlo: ['8BITMIME'],
        command: (line, socket) => {
          if (!line.startsWith('MAIL')) return false;
          const timer = setInterval(() => socket.write('250-more\r\n'), 50);
          socket.on('close', () => clearInterval(timer));
          return true;
        },
      },
      { timings: only('mail') },
    );
    expect(await made.deliver(envelope, small, open)).toMatchObject({
      outcomes: [{ verdict: 'DEFER', step: 'MAIL', reason: 'EDEADLINE' }],
    });
  });

  it('pipelined recipients have theirs one after the other', async () => {
    const to = ['a@example.org', 'b@example.org', 'c@example.org', 'd@example.org'];
    let last = Promise.resolve();
    const { made, relay } = await rawClient(
      {
        command: (line, socket) => {
          if (!line.startsWith('RCPT') && line !== 'DATA') return false;
          last = last.then(async () => {
            await setTimeout(line === 'DATA' ? 0 : 800);
            socket.write(line === 'DATA' ? '354 Go on\r\n' : '250 Ok\r\n');
          });
          return true;
        },
      },
      { timings: only('rcpt', 3000) },
    );
    const { outcomes } = await made.deliver({ ...envelope, to }, small, open);
    expect(outcomes.map(({ verdict }) => verdict)).toEqual(Array(4).fill('ACCEPT'));
    expect(relay.messages).toHaveLength(1);
  });

  it('block: a server that stops reading the message', async () => {
    const { made } = await rawClient({ message: (socket) => socket.pause() }, { timings: only('block') });
    const attempt = await made.deliver(envelope, large, open);
    expect(attempt).toMatchObject({ outcomes: [{ verdict: 'UNKNOWN', reason: 'EDEADLINE' }] });
    expect(attempt.unanswered).toBeUndefined();
    expect(attempt.steps.at(-1)?.reply).toMatch(/the server did not take a block of the message within 0\.4 s/);
  });

  it('block: a server that reads slowly has the time for each, and the gate knows how long all of it may take', async () => {
    let replyWithinMs = 0;
    const { made, relay } = await rawClient(
      {
        message: (socket) => {
          let pauses = 0;
          socket.on('data', () => {
            if (socket.bytesRead < (pauses + 1) * 6_000_000) return;
            pauses++;
            socket.pause();
            globalThis.setTimeout(() => socket.resume(), 1200);
          });
        },
      },
      { timings: only('block', 3000) },
    );
    const attempt = await made.deliver(envelope, large, async (within) => {
      replyWithinMs = within;
      return { kind: 'open' };
    });
    expect(attempt).toMatchObject({ outcomes: [{ verdict: 'ACCEPT' }] });
    expect(relay.messages[0]?.length).toBe((await large()).length);
    expect(replyWithinMs).toBe(Math.ceil((await large()).length / 65_536) * 3000 + 15_000);
  });

  it('rset and quit: the connection is closed', async () => {
    for (const phase of ['rset', 'quit'] as const) {
      const { made, relay } = await rawClient(
        {
          ehlo: ['8BITMIME'],
          command: (line, socket) => {
            if (line.startsWith('RCPT')) socket.write('550 5.1.1 No such user\r\n');
            return line.startsWith('RCPT') || line === phase.toUpperCase();
          },
        },
        { timings: only(phase, 100) },
      );
      await made.deliver(envelope, small, open);
      await made.pool.stop();
      await relay.ended;
    }
  });
});

describe('a reply that comes late, but in time', () => {
  it("is the mail's: a 250 after most of the deadline, with every other one shorter", async () => {
    const { smtp, ...rest } = patient();
    const changing: Record<string, number> = { ...smtp };
    server.delayAt('DOT', { delayMs: 300, times: 1 });
    const made = client(server, ca, { timings: { ...rest, smtp: changing as unknown as typeof smtp } });
    const attempt = await new MessageDelivery([made]).deliver(sampleMessage(), [anne], async () => {
      for (const phase of Object.keys(smtp)) if (phase !== 'dot') changing[phase] = 100;
      return { kind: 'open' };
    });
    expect(attempt.outcomes).toMatchObject([{ verdict: 'ACCEPT' }]);
    expect(server.messages).toHaveLength(1);
  });
});

describe('a slow phase', () => {
  it('is reported when it is slow and when it ends, also by a deadline; a quick one is not', async () => {
    const events: string[] = [];
    const lasted = new Map<SmtpPhase, number>();
    const onPhase = (phase: SmtpPhase, state: string, ms: number) => {
      if (state === 'done') lasted.set(phase, ms);
      else events.push(`${phase} ${state}`);
    };
    server.delayAt('MAIL', { delayMs: 250, times: 1 });
    server.hangAt('DATA', { times: 1 });
    await new MessageDelivery([client(server, ca, { timings: patient({ slowLog: 50, slowPhase: 100, data: 300 }), onPhase })]).deliver(
      sampleMessage(),
      [anne],
      open,
    );
    expect(events.filter((event) => /^(mail|data)/.test(event))).toEqual([
      'mail waiting',
      'mail slow',
      'mail ended',
      'data waiting',
      'data slow',
      'data ended',
    ]);
    expect(lasted.get('mail')).toBeGreaterThanOrEqual(240);
    expect([...lasted.keys()]).toEqual(expect.arrayContaining(['connect', 'greeting', 'ehlo', 'auth', 'mail', 'rcpt', 'data']));
  });
});
