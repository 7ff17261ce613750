/** What a caller passes to the client. */
import { describe, expect, it } from 'vitest';
import { Posthouse, PosthouseError, type PosthouseOptions } from '../src/client.ts';

/** A client, and the bodies of its requests. */
function counted() {
  const received: unknown[] = [];
  const fetch = async (_: unknown, init?: RequestInit) => {
    received.push(JSON.parse(String(init?.body)));
    return Response.json({ id: '1', state: 'queued', results: [] });
  };
  const options = { url: 'http://127.0.0.1', key: 'k', fetch: fetch as typeof globalThis.fetch };
  return { received, posthouse: new Posthouse(options) };
}

const mail = { to: 'anne@example.net', template: 'signup', data: { nickname: 'Anne' } };
const errorOf = async (promise: Promise<unknown>): Promise<PosthouseError> => {
  const error = await promise.catch((reason) => reason);
  expect(error).toBeInstanceOf(PosthouseError);
  return error as PosthouseError;
};

describe('what no request can succeed with', () => {
  const invalid = new Date('nope');
  const rule = 'must be a number of milliseconds above 0 and at most 2073600000 (24 days).';

  it.each([
    [{ timeoutMs: Number.NaN }, `\`timeoutMs\` is NaN: it ${rule}`],
    [{ timeoutMs: -1 }, `\`timeoutMs\` is -1: it ${rule}`],
    [{ timeoutMs: 0 }, `\`timeoutMs\` is 0: it ${rule}`],
    [{ timeoutMs: 2 ** 31 }, `\`timeoutMs\` is 2147483648: it ${rule}`],
    [{ timeoutMs: '5000' }, `\`timeoutMs\` is the string "5000": it ${rule}`],
    [{ timeoutMS: 5 }, '`timeoutMS` is not an option: did you mean `timeoutMs`?'],
    [{ timeout: 5 }, '`timeout` is not an option: did you mean `timeoutMs`?'],
  ] as [PosthouseOptions, string][])('is refused as an option, of a client and of a request: %o', async (options, detail) => {
    expect(() => new Posthouse({ url: 'http://127.0.0.1', key: 'k', ...options })).toThrow(new TypeError(detail));
    const { posthouse, received } = counted();
    const result = await posthouse.mails.trySend(mail, options);
    const refused = { code: 'invalid-request', detail, retryable: false, mayHaveBeenAccepted: false };
    expect(result).toMatchObject({ ok: false, error: refused });
    expect(await errorOf(posthouse.templates.list(options))).toMatchObject(refused);
    expect(received).toEqual([]);
  });

  it('is refused as an argument, in words that name it', async () => {
    const { posthouse, received } = counted();
    const { mails } = posthouse;
    const refusals: [Promise<unknown>, string][] = [
      [mails.send(mail, { retries: 3 } as never), '`retries` is not an option: there are timeoutMs, signal, idempotencyKey.'],
      [mails.send(mail, { idempotencyKey: 'signup:한' }), '`idempotencyKey` must be a string of 1 to 255 printable ASCII'],
      [mails.send(undefined as never), 'The mail is missing.'],
      [mails.sendBatch([mail, undefined as never]), '/mails/1 is missing.'],
      [mails.send({ ...mail, scheduledAt: invalid }), '/scheduledAt is an invalid date.'],
      [mails.sendBatch([mail, { ...mail, expiresAt: invalid }]), '/mails/1/expiresAt is an invalid date.'],
      [mails.reschedule('1', invalid), '`scheduledAt` is an invalid date.'],
      [mails.list({ from: invalid }).next(), '`from` is an invalid date.'],
      [mails.list({ pageSize: Number.NaN }).next(), '`pageSize` is NaN: it must be a whole number from 1 to 100.'],
    ];
    for (const [promise, detail] of refusals) {
      const refused = { code: 'invalid-request', retryable: false, mayHaveBeenAccepted: false };
      expect(await errorOf(promise)).toMatchObject({ ...refused, detail: expect.stringContaining(detail) });
    }
    expect(received).toEqual([]);
  });

  it('is refused as a URL: a port that fetch blocks or that does not exist, and a password', async () => {
    for (const url of ['http://127.0.0.1:99999', 'http://user:password@127.0.0.1', 'http://']) {
      expect(() => new Posthouse({ url, key: 'k' })).toThrow('POSTHOUSE_URL');
    }
    const error = await errorOf(new Posthouse({ url: 'http://127.0.0.1:9', key: 'k' }).mails.send(mail));
    expect(error).toMatchObject({ code: 'invalid-request', retryable: false, mayHaveBeenAccepted: false });
    expect(error.detail).toContain('blocks the port');
  });
});

describe('the bytes of an attachment', () => {
  it('are sent as base64, from a Buffer and any other view', async () => {
    const { posthouse, received } = counted();
    const large = Buffer.alloc(100_000, 'posthouse');
    const part = new Uint8Array(large.buffer, large.byteOffset + 1, 4);
    const attachments = [large, part, 'QUJD'].map((content) => ({ filename: 'a.bin', content }));
    await posthouse.mails.send({ ...mail, attachments });
    await posthouse.mails.sendBatch([{ ...mail, attachments }]);
    const contents = [large.toString('base64'), Buffer.from(part).toString('base64'), 'QUJD'];
    const sent = { ...mail, attachments: contents.map((content) => ({ filename: 'a.bin', content })) };
    expect(received).toEqual([sent, { mails: [sent] }]);
  });
});
