/** How source files are named, how large they are, and in which direction the folders of a package import each other. */
import { describe, expect, it } from 'vitest';
import { readPackages, readSources } from './workspace.ts';

const packages = readPackages();
const sources = packages.flatMap(({ src }) => src);
const everyFile = [...sources, ...packages.flatMap(({ test }) => test), ...readSources('test'), ...readSources('scripts')];

const maxLines = 300;
/** Files below this number of lines usually belong into the file that imports them. */
const smallLines = 25;
const maxSmallShare = 0.12;
const medianLines = { min: 60, max: 110 };

const vagueNames = /^(utils?|commons?|helpers?|libs?|types?|misc|index)$/;

/** From bottom to top: a folder of `src` imports only from folders before it. Files directly in `src` are above all folders. */
const folderOrder: Record<string, string[]> = {
  'apps/bench': ['table', 'servers', 'baselines', 'measurements', 'report'],
  'apps/sandbox': ['site', 'processes', 'sample-data', 'inbox', 'sign-up'],
  'packages/queue': [
    'redis',
    'record',
    'transitions',
    'connection',
    'accounts',
    'acceptance',
    'search',
    'worker',
    'operations',
    'monitoring',
  ],
  'apps/dashboard': [
    'korean',
    'ui',
    'sign-in',
    'account',
    'users',
    'mails',
    'mail-list',
    'templates',
    'keys',
    'audit',
    'bulk',
    'failures',
    'providers',
    'queue',
    'overview',
    'server',
  ],
};

describe('a file', () => {
  it('is named after what it contains', () => {
    const vague = everyFile.filter(({ path }) => path.split('/').some((part) => vagueNames.test(part.replace(/\..*/, ''))));
    expect(vague.map(({ path }) => `${path}: name it after what it contains`)).toEqual([]);
  });

  it(`has at most ${maxLines} lines`, () => {
    const long = everyFile.filter(({ lines }) => lines > maxLines);
    expect(long.map(({ path }) => `${path}: split it by responsibility`)).toEqual([]);
  });
});

describe('source files', () => {
  it(`have ${smallLines} lines or more, except for less than ${maxSmallShare * 100} % of them`, () => {
    const small = sources.filter(({ lines }) => lines < smallLines);
    expect(small.length / sources.length, `merge some into their importers:\n${small.map(({ path }) => path).join('\n')}`).toBeLessThan(
      maxSmallShare,
    );
  });

  it(`have a median of ${medianLines.min} to ${medianLines.max} lines`, () => {
    const median = sources.map(({ lines }) => lines).toSorted((a, b) => a - b)[Math.floor(sources.length / 2)];
    expect(median).toBeGreaterThanOrEqual(medianLines.min);
    expect(median).toBeLessThanOrEqual(medianLines.max);
  });
});

it('the folders of a package import in one direction', () => {
  const violations = Object.entries(folderOrder).flatMap(([packageFolder, order]) => {
    const src = packages.find(({ folder }) => folder === packageFolder)?.src ?? [];
    return src.flatMap((file) => upwardFolderImports(packageFolder, order, file));
  });
  expect(violations).toEqual([]);
});

/** Violations of the folder order in one file. */
function upwardFolderImports(packageFolder: string, order: string[], { path, imports }: (typeof sources)[number]): string[] {
  const rank = (file: string) => {
    const inside = file.slice(`${packageFolder}/src/`.length);
    return inside.includes('/') ? order.indexOf(inside.split('/')[0] ?? '') : order.length;
  };
  if (rank(path) === -1) return [`${path}: add its folder to folderOrder`];
  return imports
    .filter(({ target }) => target !== undefined && rank(target) > rank(path))
    .map(({ target, line }) => `${path}:${line} imports ${target}, which is above it: move what both need down`);
}
