/**
 * The repository as the architecture tests read it: packages, their manifests, and their source files with what each imports.
 * Sources are matched as text, with comments replaced by spaces so that line numbers stay correct.
 */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The repository's folder. */
const root = fileURLToPath(new URL('..', import.meta.url));

/** The fields of a package.json that the rules use. */
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
  /** The text without comments. */
  code: string;
  /** Number of lines, comments included. */
  lines: number;
  imports: Import[];
}

/** One `import`, `export … from`, `import()` or `require()`, of values or of types. */
interface Import {
  specifier: string;
  line: number;
  /** The file that a relative import refers to, from the repository's root. */
  target: string | undefined;
}

/** One package of the workspace. */
export interface Package {
  /** `contract` for `@posthouse/contract`. */
  name: string;
  /** From the repository's root: `packages/contract`. */
  folder: string;
  manifest: Manifest;
  /** Project references of its tsconfig.json, as folders from the root. */
  references: string[];
  src: Source[];
  test: Source[];
}

/** Every package of the workspace. */
export function readPackages(): Package[] {
  return ['packages', 'apps'].flatMap((parent) =>
    readdirSync(join(root, parent))
      .map((name) => join(parent, name))
      .filter((folder) => existsSync(join(root, folder, 'package.json')))
      .map(readPackage),
  );
}

/** The project references of a folder's tsconfig.json, as folders from the root. */
export function readReferences(folder: string): string[] {
  const { references = [] }: { references?: { path: string }[] } = readJson(join(folder, 'tsconfig.json'));
  return references.map(({ path }) => join(folder, path));
}

/** The source files in a folder and its subfolders; empty if the folder does not exist. */
export function readSources(folder: string): Source[] {
  if (!existsSync(join(root, folder))) return [];
  return readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })
    .filter((file) => /\.(ts|tsx|mts|js|mjs|cjs)$/.test(file))
    .map((file) => readSource(join(folder, file)));
}

/** The line number, from 1, of an offset in a text. */
export function lineAt(code: string, index: number): number {
  return code.slice(0, index).split('\n').length;
}

function readPackage(folder: string): Package {
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
    return { specifier, line: lineAt(code, match.index + match[0].length), target };
  });
  return { path, code, lines: lineAt(text, text.trimEnd().length), imports };
}

const importing =
  /(?:^\s*(?:import|export)\b[^'"`;]*?\bfrom\s*|^\s*import\s*|\bimport\s*\(\s*|\brequire(?:\.resolve)?\s*\(\s*)(['"`])(?<specifier>[^'"`\n]+)\1/gm;

/** Strings are matched so that `//` inside one (`'redis://…'`) is not taken for a comment. */
const stringOrComment = /(?<string>'(?:\\.|[^'\\\n])*'|"(?:\\.|[^"\\\n])*"|`(?:\\.|[^`\\])*`)|\/\*[\s\S]*?\*\/|\/\/[^\n]*/g;

function withoutComments(code: string): string {
  return code.replace(stringOrComment, (text, string: string | undefined) => string ?? text.replace(/[^\n]/g, ' '));
}

function readJson<T>(path: string): T {
  return JSON.parse(readFileSync(join(root, path), 'utf8'));
}
