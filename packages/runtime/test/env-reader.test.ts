import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ConfigError, readEnv, withEnvFile } from '../src/env-reader.ts';
import {
  address,
  choice,
  domains,
  duration,
  list,
  logLevel,
  networks,
  type Parser,
  port,
  positiveInteger,
  redisUrl,
  text,
} from '../src/env-values.ts';

describe('readEnv', () => {
  it('reads, trims, fills in defaults and freezes; an empty variable counts as absent', () => {
    const config = readEnv({ A: ' x ', B: '' }, (read) => ({
      a: read.required('A', text, ''),
      b: read.withDefault('B', port, 80),
      c: read.optional('C', text),
    }));
    expect(config).toEqual({ a: 'x', b: 80, c: undefined });
    expect(Object.isFrozen(config)).toBe(true);
  });

  it('reports every error at once, and no value', () => {
    const read = () =>
      readEnv({ PORT: 'planted', LEVEL: 'planted' }, (reader) => {
        reader.addIssue('A and B exclude each other');
        return {
          p: reader.withDefault('PORT', port, 1),
          l: reader.optional('LEVEL', choice('a', 'b')),
          n: reader.required('NAME', text, 'Set it to your name.'),
        };
      });
    expect(read).toThrow(ConfigError);
    try {
      read();
    } catch (error) {
      expect((error as ConfigError).issues).toEqual([
        'A and B exclude each other',
        'PORT must be a port from 0 to 65535',
        'LEVEL must be one of: a, b',
        'NAME is not set. Set it to your name.',
      ]);
      expect((error as ConfigError).message).toMatch(/^4 configuration errors:\n {2}- A and B/);
      expect((error as ConfigError).message).not.toContain('planted');
    }
  });
});

describe('readEnv with secrets in files', () => {
  const settings = (env: NodeJS.ProcessEnv) =>
    readEnv(env, ({ orFile }) => ({ a: orFile.optional('A', text), b: orFile.withDefault('B', port, 80) }));
  let dir: string;
  beforeAll(async () => {
    dir = await mkdtemp(join(tmpdir(), 'posthouse-secret-'));
  });
  afterAll(() => rm(dir, { recursive: true }));
  const file = async (content: string) => {
    await writeFile(join(dir, 'secret'), content);
    return join(dir, 'secret');
  };

  it.each(['x y', 'x y\n', 'x y\r\n'])('reads %j without the line break at its end', async (content) => {
    expect(settings({ A_FILE: await file(content), B: '' })).toEqual({ a: 'x y', b: 80 });
  });

  it('reports a file that is missing, empty or contradicted together with all other errors, and no value', async () => {
    const planted = await file('planted');
    expect(() => settings({ A_FILE: join(dir, 'missing'), B_FILE: planted })).toThrow(
      /^2 configuration errors:\n {2}- A_FILE cannot be read: ENOENT.*\n {2}- B must be a port from 0 to 65535$/,
    );
    expect(() => settings({ A: 'planted', A_FILE: planted, B_FILE: dir })).toThrow(
      /A_FILE is set as well as A; unset one of them\n {2}- B_FILE cannot be read: EISDIR/,
    );
    const empty = await file(' \n');
    expect(() => settings({ A_FILE: empty })).toThrow(`A_FILE names an empty file: ${empty}`);
  });
});

describe('withEnvFile', () => {
  it('adds what is not set, and nothing in production', async () => {
    const dir = await mkdtemp(join(tmpdir(), 'posthouse-env-'));
    try {
      const file = join(dir, '.env');
      await writeFile(file, '# comment\nA=file\nB="from the file"\nC=file\n');
      const env = { A: 'set', C: '' };
      expect(withEnvFile(env, file)).toEqual({ A: 'set', B: 'from the file', C: '' });
      expect(env).toEqual({ A: 'set', C: '' });
      expect(withEnvFile({ NODE_ENV: 'production' }, file)).toEqual({ NODE_ENV: 'production' });
      expect(withEnvFile(env, join(dir, 'missing'))).toEqual(env);
    } finally {
      await rm(dir, { recursive: true });
    }
  });
});

describe('the parsers', () => {
  it.each<[string, Parser<unknown>, string, unknown]>([
    ['port', port, '0', 0],
    ['port', port, '65535', 65535],
    ['positiveInteger', positiveInteger, '12', 12],
    ['list', list(port), '1, 2,,3', [1, 2, 3]],
    ['address', address, 'Anne <anne@Example.com>', { name: 'Anne', address: 'anne@example.com' }],
    ['domains', domains, 'Example.com, bücher.example', ['example.com', 'xn--bcher-kva.example']],
    ['networks', networks, '10.0.0.5, fd00::/8', ['10.0.0.5', 'fd00::/8']],
    ['redisUrl', redisUrl, 'rediss://u:p@host:1/2', 'rediss://u:p@host:1/2'],
    ['redisUrl', redisUrl, 'redis://host/?family=6', 'redis://host/?family=6'],
    ['duration', duration({ min: 3_600_000, max: 864_000_000 }), '60m', 3_600_000],
    ['duration', duration({ min: 3_600_000, max: 864_000_000 }), '10d', 864_000_000],
    ['logLevel', logLevel, 'silent', 'silent'],
  ])('%s takes %s %j', (_name, parse, raw, value) => {
    expect(parse(raw)).toEqual(value);
  });

  it.each<[string, Parser<unknown>, string]>([
    ['port', port, '65536'],
    ['port', port, '-1'],
    ['port', port, '1e3'],
    ['positiveInteger', positiveInteger, '0'],
    ['positiveInteger', positiveInteger, '1.5'],
    ['address', address, 'a@b@c'],
    ['domains', domains, 'not a domain'],
    ['networks', networks, 'proxy.example'],
    ['networks', networks, '10.0.0.0/33'],
    ['networks', networks, '0.0.0.0/0'],
    ['redisUrl', redisUrl, 'http://x'],
    ['redisUrl', redisUrl, 'redis://'],
    ['redisUrl', redisUrl, 'redis://host/nope'],
    ['redisUrl', redisUrl, 'redis://host/1/2'],
    ['redisUrl', redisUrl, 'redis://host/-1'],
    ['redisUrl', redisUrl, 'redis://host?family=5'],
    ['redisUrl', redisUrl, 'redis://host?db=2'],
    ['redisUrl', redisUrl, 'redis://host/0#planted'],
    ...['59m', '11d', '7', '0d', '1.5h', '-1d', '7 d', '1w'].map((raw): [string, Parser<unknown>, string] => [
      'duration',
      duration({ min: 3_600_000, max: 864_000_000 }),
      raw,
    ]),
    ['logLevel', logLevel, 'loud'],
  ])('%s refuses %s', (_name, parse, raw) => {
    expect(() => parse(raw)).toThrow(/^must (be|end|have)/);
    expect(() => parse(raw)).not.toThrow(/planted/);
  });
});
