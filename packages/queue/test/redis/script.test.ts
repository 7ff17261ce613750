/** Every Lua script of this package is found, parsed and checked, without Redis. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type Chunk, parse } from 'luaparse';
import { expect, it } from 'vitest';
import { isOneOf, type Script, script } from '../../src/redis/script.ts';

const src = fileURLToPath(new URL('../../src', import.meta.url));
const files = readdirSync(src, { recursive: true, encoding: 'utf8' }).filter((file) => file.endsWith('.ts'));
const texts = new Map(files.map((file) => [file, readFileSync(join(src, file), 'utf8')]));
const scripts = (await Promise.all(files.map(exportedScripts))).flat();

/** What a script may use besides its own locals. */
const luaGlobals = new Set('redis cjson cmsgpack KEYS ARGV string table math ipairs pairs pcall tonumber tostring type unpack'.split(' '));

async function exportedScripts(file: string): Promise<Script[]> {
  const exported: Record<string, unknown> = await import(join(src, file));
  return Object.values(exported).filter((value) => typeof value === 'object' && value !== null && 'lua' in value) as Script[];
}

/** Parses a script. @returns its global names, and how often it uses each name */
function parseLua(lua: string): { globals: string[]; uses: Map<string, number> } {
  const uses = new Map<string, number>();
  const chunk = parse(lua, {
    luaVersion: '5.1',
    scope: true,
    onCreateNode: (node) => {
      if (node.type === 'Identifier') uses.set(node.name, (uses.get(node.name) ?? 0) + 1);
    },
  }) as Chunk & { globals: { name: string }[] };
  return { globals: chunk.globals.map(({ name }) => name), uses };
}

it('all scripts are exported, each under a name of its own', () => {
  const made = [...texts.values()].flatMap((text) => text.match(/= script\(\{/g) ?? []);
  expect(scripts.length).toBe(made.length);
  expect(scripts.length).toBeGreaterThan(20);
  expect(new Set(scripts.map(({ name }) => name)).size).toBe(scripts.length);
});

it.each(scripts.map((one) => [one.name, one] as const))('%s is valid Lua, uses no undefined name and each of its arguments', (_, one) => {
  const { globals, uses } = parseLua(one.lua);
  expect(globals.filter((name) => !luaGlobals.has(name))).toEqual([]);
  const labels = [...Object.keys(one.args), ...(one.rest === undefined ? [] : [one.rest])];
  expect(labels.filter((name) => (uses.get(name) ?? 0) < 2)).toEqual([]);
});

it('a syntax error and an undefined name are found', () => {
  expect(() => parseLua('if state then return 0')).toThrow(/expected/);
  expect(parseLua('return keepSent + 1').globals).toEqual(['keepSent']);
});

it('keys and arguments are locals in the order of their names', () => {
  const { lua } = script({
    name: 'example',
    keys: ['record', 'ended'],
    args: { id: 'text', wait: 'number', hold: 'flag', sealed: 'bytes' },
    rest: 'fields',
    readsClock: true,
    returns: 'number',
    lua: `if ${isOneOf('id', ['a', 'b'])} then return 1 end`,
  });
  expect(lua.split('\n')).toEqual([
    'local record = KEYS[1]',
    'local ended = KEYS[2]',
    'local id = ARGV[1]',
    'local wait = tonumber(ARGV[2])',
    "local hold = ARGV[3] == '1'",
    'local sealed = ARGV[4]',
    'local fields = {unpack(ARGV, 5)}',
    "local time = redis.call('TIME')",
    'local now = time[1] * 1000 + math.floor(time[2] / 1000)',
    "if (id == 'a' or id == 'b') then return 1 end",
  ]);
});

it('no other file runs Lua or counts keys and arguments', () => {
  texts.delete(join('redis', 'script.ts'));
  const found = [...texts].filter(([, text]) => /\b(?:KEYS|ARGV)\[|\.eval(?:sha)?\(|\bdefineCommand\b/.test(text));
  expect(found.map(([file]) => file)).toEqual([]);
});
