/**
 * The repository as the floor test sees it: packages, their manifests, and their source files with what each imports.
 * Text is enough for that: a file is read with its comments blanked out, so that lines keep their numbers.
 */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The repository's folder. */
const root = fileURLToPath(new URL('..', import.meta.url));

/** What the rules read of a package.json. */
interface Manifest {
  name: string;
  exports?: Record<string, unknown>;
  dependencies?: Record<string, string>;
  devDependencies?: Record<string, string>;
}

/** One source file. */
export interface Source {
  /** From the repository's root. */
  path: string;
  /** Without its comments. */
  code: string;
  lines: number;
  imports: Import[];
}

/** One `import`, `export … from`, `import()` or `require()`, of values or of types. */
interface Import {
  specifier: string;
  line: number;
  /** What a relative import names, from the repository's root. */
  target: string | undefined;
}

/** One package of the workspace. */
export interface Room {
  /** `contract` for `@posthouse/contract`. */
  name: string;
  /** From the repository's root: `packages/contract`. */
  folder: string;
  manifest: Manifest;
  /** The packages whose tsconfig its own refers to, as folders from the root. */
  references: string[];
  src: Source[];
  test: Source[];
}

/** Every package of the workspace. */
export function readRooms(): Room[] {
  return ['packages', 'apps'].flatMap((floor) =>
    readdirSync(join(root, floor))
      .map((name) => join(floor, name))
      .filter((folder) => existsSync(join(root, folder, 'package.json')))
      .map(readRoom),
  );
}

/** The folders that a tsconfig refers to, from the root. */
export function readReferences(folder: string): string[] {
  const { references = [] }: { references?: { path: string }[] } = readJson(join(folder, 'tsconfig.json'));
  return references.map(({ path }) => join(folder, path));
}

/** The source files in a folder, at any depth; none where there is no such folder. */
export function readSources(folder: string): Source[] {
  if (!existsSync(join(root, folder))) return [];
  return readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })
    .filter((file) => /\.(ts|tsx|mts|js|mjs|cjs)$/.test(file))
    .map((file) => readSource(join(folder, file)));
}

/** The line of a place in a text, from 1. */
export function lineOf(code: string, index: number): number {
  return code.slice(0, index).split('\n').length;
}

function readRoom(folder: string): Room {
  const manifest: Manifest = readJson(join(folder, 'package.json'));
  return {
    name: manifest.name.replace('@posthouse/', ''),
    folder,
    manifest,
    references: readReferences(folder),
    src: readSources(join(folder, 'src')),
    test: readSources(join(folder, 'test')),
  };
}

function readSource(path: string): Source {
  const text = readFileSync(join(root, path), 'utf8');
  const code = withoutComments(text);
  const imports = [...code.matchAll(importing)].map((match) => {
    const specifier = match.groups?.['specifier'] ?? '';
    const target = specifier.startsWith('.') ? relative(root, join(root, dirname(path), specifier)) : undefined;
    return { specifier, line: lineOf(code, match.index + match[0].length), target };
  });
  return { path, code, lines: lineOf(text, text.trimEnd().length), imports };
}

const importing =
  /(?:^\s*(?:import|export)\b[^'"`;]*?\bfrom\s*|^\s*import\s*|\bimport\s*\(\s*|\brequire(?:\.resolve)?\s*\(\s*)(['"`])(?<specifier>[^'"`\n]+)\1/gm;

/** Strings are matched only to be stepped over: `'redis://…'` is no comment. */
const stringOrComment = /(?<string>'(?:\\.|[^'\\\n])*'|"(?:\\.|[^"\\\n])*"|`(?:\\.|[^`\\])*`)|\/\*[\s\S]*?\*\/|\/\/[^\n]*/g;

function withoutComments(code: string): string {
  return code.replace(stringOrComment, (text, string: string | undefined) => string ?? text.replace(/[^\n]/g, ' '));
}

function readJson<T>(path: string): T {
  return JSON.parse(readFileSync(join(root, path), 'utf8'));
}
