/** Holds the project to plain words: no file uses what `word-list.ts` bans. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';
import { bannedWords, exceptions } from './word-list.ts';

const root = fileURLToPath(new URL('..', import.meta.url));
const ignoredFolders = ['node_modules', 'dist', '.git', '.posthouse', 'coverage'];
const ignoredFiles = ['test/word-list.ts', 'test/plain-words.test.ts', 'LICENSE', 'pnpm-lock.yaml'];

it('sources, tests and documents use none of the banned words', () => {
  const files = filesIn('').filter((file) => !ignoredFiles.includes(file));
  expect(files.flatMap(issuesIn)).toEqual([]);
});

it('finds a banned word in prose, in an identifier and in a file name', () => {
  expect(issuesOf('docs/a.md', 'It is amiss.')).toEqual(['docs/a.md:1 "amiss": wrong']);
  expect(issuesOf('src/a.ts', '\nlet mailWish = 1;')).toEqual(['src/a.ts:2 "Wish": action, request']);
  expect(issuesOf('src/a.ts', '/** Tells one mail from another. */')).toEqual([expect.stringMatching(/^src\/a\.ts:1 "Tells": /)]);
  expect(issuesOf('src/mail-story.ts', '')).toEqual(['src/mail-story.ts:1 "story": timeline, history']);
  expect(issuesOf('src/a.ts', 'const value = Math.floor(default);')).toEqual([]);
});

function issuesIn(file: string): string[] {
  return issuesOf(file, readFileSync(join(root, file), 'utf8'));
}

/** The file's name counts as part of its first line. */
function issuesOf(file: string, text: string): string[] {
  return text.split('\n').flatMap((content, index) => {
    const line = index === 0 ? `${file} ${content}` : content;
    if (exceptions.some((exception) => exception.path.test(file) && exception.line.test(line))) return [];
    return bannedWords
      .filter(({ only }) => only === undefined || only.test(file))
      .flatMap(({ pattern, instead }) => {
        const found = pattern.exec(line)?.[0];
        return found === undefined ? [] : [`${file}:${index + 1} "${found}": ${instead}`];
      });
  });
}

/** Every text file of the repository, from the root. */
function filesIn(folder: string): string[] {
  return readdirSync(join(root, folder), { withFileTypes: true }).flatMap((entry) => {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) return ignoredFolders.includes(entry.name) ? [] : filesIn(path);
    return /\.(png|svg|tsbuildinfo)$|^\.env(\.\d+)?$/.test(path) ? [] : [path];
  });
}
