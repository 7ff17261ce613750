/** Every wait and deadline of the sources is in packages/contract/src/timings.ts, and every lifetime of data in retention.ts. */
import { expect, it } from 'vitest';
import { lineAt, readPackages, type Source } from './workspace.ts';

/** A number in the source that is right where it stands. */
const exceptions: { path: RegExp; text?: RegExp; reason: string }[] = [
  { path: /^packages\/contract\//, reason: 'holds them' },
  { path: /^packages\/client\//, reason: 'published without other packages: its constants stand where they are used' },
  { path: /^packages\/devkit\//, reason: 'servers for tests; a test sets what it needs' },
  { path: /^apps\/bench\/src\/table\/sizes\.ts$/, reason: 'how much is measured' },
  { path: /^apps\/bench\/src\/baselines\/baseline-job\.ts$/, reason: 'what an application without Posthouse has' },
  { path: /^apps\/sandbox\/src\/sample-data\//, reason: 'times in records that were never sent' },
  { path: /^apps\/dashboard\/src\/ui\/layout\.tsx$/, text: /^reconnectMaxDelay/, reason: 'a setting of the script in the browser' },
];

/** A number, or a product of numbers, and nothing more; 0 is no wait. */
const literal = /^(?!0$)\d[\d_.]*(?:\s*\*\s*\d[\d_.]*)*$/;

/** Names that are given a number: `pollMs = 500`, `timeWindow: 5 * 60 * 1000`, `maxAge: 60`, `intervals = { read: 1000 }`. */
const namedNumber =
  /\b\w*(?:ms|timeout|interval|window|expiry|deadline|lifetime|delay|maxage)s?\b(?:\s*:\s*\w+)?\s*[=:]\s*(?:\{[^{}]*?:\s*)?(\d[\d_.]*(?:\s*\*\s*\d[\d_.]*)*)(?=\s*[;,)}\]])/gi;

const timerCall = /\b(?:setTimeout|setInterval|sleep|delay|wait|AbortSignal\.timeout)\(/g;

it('a source file contains no number of milliseconds', () => {
  expect(readPackages().flatMap(({ src }) => src.flatMap(issuesIn))).toEqual([]);
});

it.each([
  ['const pollMs = 2000;', 'pollMs = 2000'],
  ['const intervals = { read: 1000, refresh: 2 };', 'intervals = { read: 1000'],
  ['const rate = { timeWindow: 5 * 60 * 1000, cache: 50_000 };', 'timeWindow: 5 * 60 * 1000'],
  ['reply.setCookie(name, value, { path, maxAge: 60 });', 'maxAge: 60'],
  ['timer = setInterval(() => tick(a, b), 30_000);', 'setInterval(() => tick(a, b), 30_000)'],
  ['await sleep(1000, signals);', 'sleep(1000, signals)'],
  ['fetch(url, { signal: AbortSignal.timeout(2 * 1000) });', 'AbortSignal.timeout(2 * 1000)'],
])('finds %s', (code, found) => {
  expect(issuesIn({ path: 'apps/a/src/a.ts', code })).toEqual([
    `apps/a/src/a.ts:1 ${found}: move it to packages/contract/src/timings.ts, or to retention.ts`,
  ]);
});

it.each([
  'const timer = setTimeout(() => resolve(1), this.#timings.idle);',
  'const interval = 1000 / perSecond;',
  'const skewMs = Math.abs(1000 - now);',
  'return { durationMs: 0, waitMs: at - now };',
  'reply.setCookie(name, token, { maxAge: ms / 1000 });',
])('finds nothing in %s', (code) => {
  expect(issuesIn({ path: 'apps/a/src/a.ts', code })).toEqual([]);
});

function issuesIn({ path, code }: Pick<Source, 'path' | 'code'>): string[] {
  const named = [...code.matchAll(namedNumber)]
    .filter((match) => literal.test(match[1]?.trim() ?? ''))
    .map(({ 0: text, index }) => ({ text: text.trim(), index }));
  const called = [...code.matchAll(timerCall)]
    .map(({ 0: call, index }) => ({ call, index, args: argumentsOf(code, index + call.length) }))
    .filter(({ args }) => args.slice(0, 2).some((argument) => literal.test(argument.trim())))
    .map(({ call, index, args }) => ({ text: `${call}${args.join(',')})`, index }));
  return [...named, ...called]
    .filter(({ text }) => !exceptions.some((known) => known.path.test(path) && (known.text?.test(text) ?? true)))
    .map(({ text, index }) => `${path}:${lineAt(code, index)} ${text}: move it to packages/contract/src/timings.ts, or to retention.ts`);
}

/** The arguments of a call, as text. @param start of the first one */
function argumentsOf(code: string, start: number): string[] {
  const found: string[] = [];
  let [depth, from] = [0, start];
  for (let at = start; at < code.length; at++) {
    const char = code.charAt(at);
    if ('([{'.includes(char)) depth++;
    const ends = depth === 0 && ')]}'.includes(char);
    if (ends || (depth === 0 && char === ',')) found.push(code.slice(from, at));
    if (depth === 0 && char === ',') from = at + 1;
    if (ends) break;
    if (')]}'.includes(char)) depth--;
  }
  return found;
}
