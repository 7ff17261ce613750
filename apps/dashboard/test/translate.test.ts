/** The texts of the pages: each has one in Korean, with the same values. */
import { readdirSync, readFileSync } from 'node:fs';
import { reasons, replyMeanings } from '@posthouse/contract';
import { redisFailures } from '@posthouse/queue';
import IntlMessageFormat from 'intl-messageformat';
import { expect, it } from 'vitest';
import { korean } from '../src/korean/korean.ts';
import { refusals } from '../src/sign-in/oidc-refusals.ts';

const src = new URL('../src/', import.meta.url);

/** The literal texts of one source: the first argument of `t` and `text`, and `of` of Text. */
function textsOf(source: string): string[] {
  const found = source.matchAll(
    /\b(?:t|text)\(\s*'((?:[^'\\]|\\.)*)'|\b(?:t|text)\(\s*"([^"]*)"|<Text\s+of="([^"]*)"|<Text\s+of=\{'((?:[^'\\]|\\.)*)'\}/g,
  );
  return [...found].map(([, ...groups]) => (groups.find((group) => group !== undefined) ?? '').replaceAll("\\'", "'"));
}

const sources = readdirSync(src, { recursive: true, encoding: 'utf8' })
  .filter((path) => /\.tsx?$/.test(path) && !path.startsWith('korean/') && path !== 'ui/translate.ts')
  .map((path) => ({ path, source: readFileSync(new URL(path, src), 'utf8') }));

/** Of tables whose texts the pages translate: our own reason codes, replies of servers, failures of Redis, refused single sign-ons. */
const meanings = [
  ...Object.values(reasons).map(({ meaning }) => meaning),
  ...replyMeanings,
  ...Object.values(redisFailures).flatMap(({ meaning, fix }) => [meaning, fix]),
  ...Object.values(refusals).flatMap(([, title, advice]) => [title, advice]),
];

/** Names of the values of a message, in any order. */
function valuesOf(message: string): string[] {
  const names = new Set<string>();
  const collect = (elements: readonly object[]) => {
    for (const element of elements as { type: number; value?: string; options?: Record<string, { value: object[] }> }[]) {
      if (element.type > 0 && element.type < 7 && element.value !== undefined) names.add(element.value);
      for (const { value } of Object.values(element.options ?? {})) collect(value);
    }
  };
  collect(new IntlMessageFormat(message, 'en', undefined, { ignoreTag: true }).getAst());
  return [...names].sort();
}

it('every text of a page has one in Korean', () => {
  const missing = sources.flatMap(({ path, source }) =>
    textsOf(source)
      .filter((text) => !(text in korean))
      .map((text) => `${path}: ${text}`),
  );
  expect([...missing, ...meanings.filter((meaning) => !(meaning in korean))]).toEqual([]);
});

it('every Korean text belongs to a text of a page', () => {
  const everything = [...meanings, ...sources.map(({ source }) => source.replaceAll("\\'", "'"))].join('\n');
  expect(Object.keys(korean).filter((text) => !everything.includes(text))).toEqual([]);
});

it('both languages say the same values', () => {
  const different = Object.entries(korean).filter(([text, ours]) => valuesOf(text).join() !== valuesOf(ours).join());
  expect(different).toEqual([]);
});

it('the Korean texts are in one register: –습니다, and –십시오 where they say what to do', () => {
  expect(
    Object.values(korean).filter((text) => /[가-힣](?:세요|해요|예요|이에요|어요|아요|네요|죠)(?![가-힣])|해라|한다\./.test(text)),
  ).toEqual([]);
});
