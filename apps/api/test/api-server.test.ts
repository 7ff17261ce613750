import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { type AddressInfo, connect, type Socket } from 'node:net';
import { createApiKey } from '@posthouse/access';
import { limits } from '@posthouse/contract';
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { Admission } from '../src/admission.ts';
import { ApiFixture, good, key } from './api-fixture.ts';

const api = new ApiFixture();
beforeAll(() => api.start());
afterAll(() => api.stop());

describe('the API key', () => {
  it.each([
    ['missing', undefined],
    ['of another scheme', `Basic ${key}`],
    ['unknown', `Bearer ${createApiKey()}`],
    ['cut', `Bearer ${key.slice(0, -1)}`],
    ['empty', 'Bearer '],
  ])('is rejected when it is %s, before the body is read', async (_which, authorization) => {
    for (const url of ['/v1/mails', '/v1/mails/batch'] as const) {
      const response = await api.app.inject({
        method: 'POST',
        url,
        payload: 'not json',
        headers: { 'content-type': 'application/json', ...(authorization && { authorization }) },
      });
      expect(response.statusCode).toBe(401);
      expect(response.headers['www-authenticate']).toBe('Bearer');
      expect(response.headers['content-type']).toMatch(/^application\/problem\+json/);
    }
  });

  it('is not required for health checks and documentation', async () => {
    for (const url of ['/livez', '/readyz', '/openapi.json', '/docs/']) expect((await api.app.inject({ url })).statusCode).toBe(200);
  });
});

describe('a process with a wrong clock', () => {
  afterEach(() => vi.useRealTimers());

  it.each([
    ['ahead', 3_600_000],
    ['behind', -3_600_000],
  ])('that is an hour %s accepts mail by the clock of Redis', async (_which, skewMs) => {
    const trueTime = Date.now();
    const scheduledAt = new Date(trueTime + 1_800_000).toISOString();
    vi.useFakeTimers({ toFake: ['Date'], now: trueTime + skewMs });
    const one = await api.post('/v1/mails', { ...good, scheduledAt });
    const batch = await api.post('/v1/mails/batch', { mails: [{ ...good, scheduledAt }, good] });
    const short = await api.post('/v1/mails', { ...good, expiresAt: scheduledAt });
    vi.useRealTimers();
    expect(one.json()).toMatchObject({ state: 'scheduled' });
    expect(batch.json().results).toMatchObject([{ state: 'scheduled' }, { state: 'queued' }]);
    expect(short.statusCode).toBe(202);
    const [, due] = batch.json().results;
    const { createdAt, dueAt } = (await api.get(`/v1/mails/${due.id}`)).json();
    for (const at of [createdAt, dueAt]) expect(Math.abs(Date.parse(at) - trueTime)).toBeLessThan(1_200_000);
  });
});

describe('more mails than are accepted at a time', () => {
  const batchOf = (count: number) => api.post('/v1/mails/batch', { mails: Array.from({ length: count }, () => good) });

  it('are refused at once, and single mails are accepted meanwhile', async () => {
    const { mails, reserve } = limits.mailsInProgress;
    let end: () => void = () => undefined;
    const others = api.admission.run(mails - reserve - 1, () => new Promise<void>((resolve) => (end = resolve)));
    const refused = await batchOf(2);
    const single = await api.post('/v1/mails', good);
    expect(refused.json()).toMatchObject({ status: 503, code: 'overloaded', detail: expect.stringContaining('Nothing was accepted') });
    expect(refused.headers['retry-after']).toBe('1');
    expect(single.statusCode).toBe(202);
    end();
    await others;
    expect((await batchOf(2)).statusCode).toBe(202);
  });

  it('leave the reserve to single mails, and no more than that', async () => {
    const admission = new Admission({ mails: 5, reserve: 2 });
    const ends: (() => void)[] = [];
    const start = (count: number) => admission.run(count, () => new Promise<void>((resolve) => ends.push(resolve)));
    const running = [start(3), start(1), start(1)];
    await expect(start(1)).rejects.toMatchObject({ code: 'overloaded' });
    ends.shift()?.();
    await running[0];
    await expect(start(2)).rejects.toMatchObject({ code: 'overloaded' });
    running.push(start(1));
    for (const end of ends) end();
    await Promise.all(running);
    await expect(admission.run(3, async () => 'accepted')).resolves.toBe('accepted');
  });
});

describe('the documentation', () => {
  it('has the version of the package, and a page that loads nothing from elsewhere', async () => {
    const document = (await api.app.inject({ url: '/openapi.json' })).json();
    const manifest = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8'));
    expect(document.info.version).toBe(manifest.version);
    const page = await api.app.inject({ url: '/docs/' });
    expect(page.headers['content-security-policy']).toContain("default-src 'none'");
    expect(page.body).not.toMatch(/(src|href)="https?:/);
    const script = await api.app.inject({ url: new URL(/src="([^"]+)"/.exec(page.body)?.[1] ?? '', 'http://localhost/docs/').pathname });
    expect(script.headers['content-type']).toContain('javascript');
    expect(script.body.length).toBeGreaterThan(1_000_000);
    expect((await api.app.inject({ url: '/docs' })).headers.location).toBe('/docs/');
  });

  it('names the server as the proxy reports it, when that is the trusted one', async () => {
    const headers = { host: 'api:3000', 'x-forwarded-host': 'mail.example.com', 'x-forwarded-proto': 'https' };
    const urlFor = async (remoteAddress: string) =>
      (await api.app.inject({ url: '/openapi.json', remoteAddress, headers })).json().servers[0].url;
    expect(await urlFor('127.0.0.9')).toBe('https://mail.example.com');
    expect(await urlFor('10.0.0.1')).toBe('http://api:3000');
  });

  it('lists the templates with schema and samples', async () => {
    const { templates } = (await api.get('/v1/templates')).json();
    expect(templates.map(({ name }: { name: string }) => name)).toEqual([
      'invitation',
      'magic-link',
      'password-reset',
      'receipt',
      'security-alert',
      'signup',
      'verify-address',
      'weekly-digest',
    ]);
    expect(templates.find(({ name }: { name: string }) => name === 'signup')).toMatchObject({
      locales: expect.arrayContaining(['ko', 'en']),
      schema: { required: expect.arrayContaining(['nickname', 'email']) },
    });
  });
});

it('answers an undecodable URL with a problem', async () => {
  const response = await api.app.inject({ url: '/v1/mails/%zz' });
  expect(response.statusCode).toBe(400);
  expect(response.headers['content-type']).toMatch(/^application\/problem\+json/);
});

it('answers an unknown path with a problem', async () => {
  const response = await api.get('/v1/nothing');
  expect(response.statusCode).toBe(404);
  expect(response.json()).toMatchObject({ status: 404 });
});

it('answers 503 and why while Redis is down, also at /readyz, and recovers', async () => {
  for (const signal of ['SIGSTOP', 'SIGKILL'] as const) {
    await api.redis.kill(signal);
    const [accept, read, ready] = await api.withDeadline(() =>
      Promise.all([
        api.post('/v1/mails', good),
        api.get('/v1/mails/0190a0b0-0000-7000-8000-000000000001'),
        api.app.inject({ url: '/readyz' }),
      ]),
    );
    expect(accept.json().detail).toMatch(
      signal === 'SIGSTOP' ? /^Redis did not answer in time\. / : /^Redis cannot be reached: start Redis/,
    );
    expect([accept.statusCode, read.statusCode, ready.statusCode]).toEqual([503, 503, 503]);
    expect(accept.headers['retry-after']).toBe('1');
    expect((await api.app.inject({ url: '/livez' })).statusCode).toBe(200);
    if (signal === 'SIGSTOP') await api.redis.kill('SIGCONT');
    else await api.redis.restart();
    await api.ready();
    expect((await api.post('/v1/mails', good)).statusCode).toBe(202);
  }
});

describe('over a connection,', () => {
  /** Resolves with all that the API sends until it matches, or until the connection has ended. */
  const exchange = async (request: string, until?: RegExp) => {
    const socket = connect((api.app.server.address() as AddressInfo).port, '127.0.0.1', () => socket.write(request));
    sockets.push(socket);
    let received = '';
    for await (const piece of socket) {
      received += piece;
      if (until?.test(received)) break;
    }
    return received;
  };
  const sockets: Socket[] = [];
  beforeAll(() => api.app.listen({ host: '127.0.0.1', port: 0 }));
  afterAll(() => {
    for (const socket of sockets) socket.destroy();
  });

  it.each(['/openapi.json', '/v1/nothing'])('of pipelined requests for %s at most the first is answered', async (path) => {
    const answers = await exchange(`GET ${path} HTTP/1.1\r\nHost: a\r\n\r\n`.repeat(100)).catch(() => '');
    expect(answers.match(/HTTP\/1\.1 /g)?.length ?? 0).toBeLessThanOrEqual(1);
  });

  it.each([
    ['no HTTP', 'hello\r\n\r\n', 'malformed-request'],
    ['two lengths', 'POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n', 'malformed-request'],
    ['too long headers', `GET / HTTP/1.1\r\nHost: a\r\nX-A: ${'a'.repeat(17_000)}\r\n\r\n`, 'headers-too-large'],
  ])('%s is answered with a problem, and the connection is closed', async (_which, sent, code) => {
    const [head = '', body = ''] = (await exchange(sent)).split('\r\n\r\n');
    expect(head).toMatch(/^HTTP\/1\.1 4\d\d [A-Z][\s\S]*\r\nContent-Type: application\/problem\+json\r\n[\s\S]*\r\nConnection: close$/);
    const status = Number(head.slice(9, 12));
    const requestId = expect.stringMatching(/^[0-9a-f-]{36}$/);
    expect(JSON.parse(body)).toMatchObject({
      type: `https://posthouse.example/errors/${code}`,
      code,
      status,
      title: expect.any(String),
      requestId,
    });
  });

  it('a large body is refused while another is being received, before it is sent', async () => {
    const head = (bytes: number) =>
      `POST /v1/mails HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer ${key}\r\nContent-Type: application/json\r\nContent-Length: ${bytes}\r\n\r\n`;
    const answers = [exchange(head(30_000_000), /\}$/), exchange(head(30_000_000), /\}$/)];
    const refused = await Promise.race(answers);
    expect(refused).toMatch(/^HTTP\/1\.1 503 [\s\S]*retry-after: 1\r\n[\s\S]*"code":"overloaded"/);
    expect((await api.post('/v1/mails', good)).statusCode).toBe(202);
  });

  it('a request that comes while the API stops is answered with a problem, and the connection is closed', async () => {
    for (const earlier of sockets) earlier.destroy();
    const { server } = api.app;
    const connected = once(server, 'connection');
    const socket = connect((server.address() as AddressInfo).port, '127.0.0.1');
    sockets.push(socket);
    await connected;
    const closed = api.app.close();
    await expect.poll(() => server.listening).toBe(false);
    socket.write('GET /livez HTTP/1.1\r\nHost: a\r\n\r\n');
    let answer = '';
    for await (const piece of socket) answer += piece;
    expect(answer).toMatch(/^HTTP\/1\.1 503 [\s\S]*\r\nretry-after: 1\r\n[\s\S]*"code":"stopping"/);
    expect(answer).toMatch(/\r\nconnection: close\r\n/i);
    await closed;
  });
});
