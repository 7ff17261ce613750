import { once } from 'node:events';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { connect, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connect as connectTls } from 'node:tls';
import { afterEach, expect, test } from 'vitest';
import { CertificateAuthority } from '../src/certificate-authority.ts';
import { freePort, RedisProcess, type RedisProcessOptions } from '../src/redis-process.ts';

const running: RedisProcess[] = [];

async function started(options?: RedisProcessOptions): Promise<RedisProcess> {
  const redis = new RedisProcess(options);
  running.push(redis);
  await redis.start();
  return redis;
}

/** The raw reply to inline commands. */
async function run(redis: RedisProcess, ...commands: string[]): Promise<string> {
  const socket = connect(redis.port, '127.0.0.1');
  socket.end(`${[...commands, 'QUIT'].join('\r\n')}\r\n`);
  let reply = '';
  socket.setEncoding('utf8').on('data', (chunk: string) => {
    reply += chunk;
  });
  await once(socket, 'close');
  return reply;
}

afterEach(async () => {
  await Promise.all(running.splice(0).map((redis) => redis.stop()));
});

test('it listens at its url, with an append-only file and no eviction', async () => {
  const redis = await started();
  expect(redis.url).toBe(`redis://127.0.0.1:${redis.port}`);
  expect(await run(redis, 'PING')).toBe('+PONG\r\n+OK\r\n');
  const settings = await run(redis, 'CONFIG GET appendonly appendfsync', 'CONFIG GET maxmemory-policy', 'CONFIG GET save');
  expect(settings.split('\r\n')).toEqual(expect.arrayContaining(['yes', 'always', 'noeviction']));
});

test('cli returns the output of redis-cli, and throws when a command fails', async () => {
  const redis = await started();
  expect(await redis.cli('SET', 'mail', 'two words')).toBe('OK');
  expect(await redis.cli('GET', 'mail')).toBe('two words');
  await expect(redis.cli('INCR', 'mail')).rejects.toThrow('not an integer');
});

test('a restart keeps port and data', async () => {
  const redis = await started();
  const { port, pid } = redis;
  await run(redis, 'SET mail kept');
  await redis.restart();
  expect(redis.port).toBe(port);
  expect(redis.pid).not.toBe(pid);
  expect(await run(redis, 'GET mail')).toContain('kept');
});

test('acknowledged writes survive SIGKILL', async () => {
  const redis = await started();
  await run(redis, 'SET mail kept');
  await redis.kill('SIGKILL');
  await expect(run(redis, 'PING')).rejects.toThrow('ECONNREFUSED');
  await redis.restart();
  expect(await run(redis, 'GET mail')).toContain('kept');
});

test('while frozen it accepts connections, and replies when it continues', async () => {
  const redis = await started();
  await redis.kill('SIGSTOP');
  const answer = run(redis, 'PING');
  expect(await Promise.race([answer, new Promise((resolve) => setTimeout(resolve, 100, 'silence'))])).toBe('silence');
  await redis.kill('SIGCONT');
  expect(await answer).toContain('+PONG');
});

test('it can be stopped while frozen, and twice', async () => {
  const redis = await started();
  await redis.kill('SIGSTOP');
  await redis.stop();
  await redis.stop();
});

test('stop before start is harmless, and there is no port yet', async () => {
  const redis = new RedisProcess();
  await redis.stop();
  expect(() => redis.port).toThrow('start it first');
});

test('a given directory is kept, a temporary one is removed', async () => {
  const dir = await mkdtemp(join(tmpdir(), 'posthouse-redis-test-'));
  const kept = await started({ dir });
  await run(kept, 'SET mail kept');
  await kept.stop();
  expect(await readdir(dir)).toContain('appendonlydir');
  const again = await started({ dir });
  expect(await run(again, 'GET mail')).toContain('kept');
  await again.stop();
  await rm(dir, { recursive: true });

  const own = await started();
  const ownDir = /dir\r\n\$\d+\r\n(.*)\r\n/.exec(await run(own, 'CONFIG GET dir'))?.[1] ?? '';
  expect(await readdir(ownDir)).toContain('appendonlydir');
  await own.stop();
  await expect(readdir(ownDir)).rejects.toThrow('ENOENT');
});

test('writes beyond maxmemory are rejected', async () => {
  const redis = await started({ maxmemory: '1kb', appendfsync: 'everysec' });
  expect(await run(redis, 'SET mail kept')).toContain('-OOM');
});

test('a failed start rejects with the output of Redis', async () => {
  const redis = new RedisProcess({ maxmemory: 'plenty' });
  await expect(redis.start()).rejects.toThrow(/redis ended \(code 1\) before it was ready[\s\S]*maxmemory/);
});

test('a free port can be listened on', async () => {
  const port = await freePort();
  expect(port).toBeGreaterThan(0);
  const server = createServer().listen(port, '127.0.0.1');
  await once(server, 'listening');
  server.close();
});

test('with TLS it is reached with the certificate of the authority, and where it verifies clients, with one of their own', async () => {
  const ca = await CertificateAuthority.create();
  const redis = await started({ tls: { ca, verifyClients: true }, settings: { databases: '3' } });
  expect(redis.url).toBe(`rediss://127.0.0.1:${redis.port}`);
  expect(await redis.cli('CONFIG', 'GET', 'databases')).toBe('databases\n3');
  const ping = async (client: object) => {
    const socket = connectTls({ port: redis.port, host: '127.0.0.1', ca: ca.caPem, ...client });
    socket.on('error', () => undefined);
    socket.end('PING\r\nQUIT\r\n');
    let reply = '';
    socket.setEncoding('utf8').on('data', (chunk: string) => {
      reply += chunk;
    });
    await new Promise((resolve) => socket.once('close', resolve));
    return reply;
  };
  const { certPem: cert, keyPem: key } = await ca.issue({ hosts: ['posthouse'], client: true });
  expect(await ping({ cert, key })).toBe('+PONG\r\n+OK\r\n');
  expect(await ping({})).toBe('');
  const { certPem, keyPem } = await ca.issue({ hosts: ['posthouse'] });
  expect(await ping({ cert: certPem, key: keyPem })).toBe('');
});
