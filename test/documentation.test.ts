/** Checks of the documents: links, paths, commands and variables exist, and the glossary has one form. */
import { readdirSync, readFileSync } from 'node:fs';
import { basename, dirname, join, normalize } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { logEvents } from './log-events.ts';

const root = fileURLToPath(new URL('..', import.meta.url));
const files = filesIn('');
const folders = new Set(files.flatMap((file) => parents(file)));
const names = new Set(files.map((file) => basename(file)));
const documents = files.filter((file) => /^([A-Z]+|docs\/[\w-]+)\.md$/.test(file) && file !== 'CHANGELOG.md');
const { scripts }: { scripts: Record<string, string> } = JSON.parse(text('package.json'));

describe('a document', () => {
  it.each(documents)('%s links only to what exists', (document) => {
    const links = [...text(document).matchAll(/\]\(([^)#\s]+)[^)]*\)/g)].map(([, target = '']) => target);
    const broken = links.filter((target) => !target.includes(':') && !exists(normalize(join(dirname(document), target))));
    expect(broken).toEqual([]);
  });

  it.each(documents)('%s links only to headings that exist', (document) => {
    const links = [...text(document).matchAll(/\]\(([^)#\s:]*)#([^)\s]+)\)/g)];
    const broken = links.filter(([, target = '', anchor = '']) => {
      const file = target === '' ? document : normalize(join(dirname(document), target));
      return file.endsWith('.md') && !anchorsOf(file).includes(anchor);
    });
    expect(broken.map(([link]) => link)).toEqual([]);
  });

  it.each(documents)('%s names only files and folders that exist', (document) => {
    const quoted = [...text(document).matchAll(/`([^`\n]+)`/g)].map(([, code = '']) => code);
    const paths = quoted.filter((code) => /^(apps|packages|templates|test|scripts|docs|deploy|\.ci)\/[\w./-]*$/.test(code));
    const bare = quoted.filter((code) => /^[\w-]+(\.test)?\.(ts|tsx|mjs)$/.test(code));
    expect([...paths.filter((path) => !exists(path)), ...bare.filter((name) => !names.has(name))]).toEqual([]);
  });

  it.each(documents)('%s names only commands that exist', (document) => {
    const commands = [...text(document).matchAll(/npm run ([\w:-]+)/g)].map(([, command = '']) => command);
    expect(commands.filter((command) => !(command in scripts))).toEqual([]);
  });
});

describe('the variables', () => {
  const read = new Set(
    files
      .filter((file) =>
        /^apps\/(api|submission|worker|dashboard|cli)\/src\/config\.ts$|\/(redis|log|sender|oauth|oidc|notify)-settings\.ts$/.test(file),
      )
      .flatMap((file) => [...text(file).matchAll(/read(\.orFile)?\.(?:required|optional|withDefault)\(\s*'([A-Z]+_[A-Z_]+)'/g)])
      .flatMap(([, orFile, name = '']) => (orFile === undefined ? [name] : [name, `${name}_FILE`])),
  );

  it('are all in the table of README.md', () => {
    const table = text('README.md').split('### Configuration')[1]?.split('## Dashboard')[0] ?? '';
    const described = new Set([...table.matchAll(/`([A-Z]+_[A-Z_]+)`/g)].map(([, name = '']) => name));
    expect([...read].filter((name) => !described.has(name))).toEqual([]);
    expect([...described].filter((name) => !read.has(name) && !name.startsWith('SANDBOX_'))).toEqual([]);
  });

  it('are all in .env.example', () => {
    const listed = [...text('.env.example').matchAll(/^(?:# )?([A-Z]+_[A-Z_]+)=/gm)].map(([, name = '']) => name);
    // Where a browser is depends on the machine, so it is read from the environment alone.
    expect([...listed, 'CHROMIUM_PATH'].toSorted()).toEqual([...read].toSorted());
  });
});

describe('log events', () => {
  const { events, notFixed } = logEvents();
  const table = [...text('docs/logs.md').matchAll(/^\| `([^`]+)` \|/gm)].map(([, event = '']) => event);

  it('have fixed names: a value is a field', () => {
    expect(notFixed).toEqual([]);
  });

  it('are all in docs/logs.md, each once', () => {
    expect(
      [...events].filter(([event]) => !table.includes(event)).map(([event, file]) => `${file}: add "${event}" to docs/logs.md`),
    ).toEqual([]);
    expect(table).toEqual([...new Set(table)]);
  });

  it('in docs/logs.md are all logged', () => {
    expect(table.filter((event) => !events.has(event))).toEqual([]);
  });
});

it('the glossary has one sentence for each term, in alphabetical order', () => {
  const entries = text('docs/glossary.md')
    .split('\n')
    .filter((line) => line.startsWith('- '));
  expect(entries.filter((line) => !/^- \*\*[^*]+\*\*: [^.]*(?:\.\S[^.]*)*\.$/.test(line))).toEqual([]);
  const terms = entries.map((line) => /\*\*(.+?)\*\*/.exec(line)?.[1]?.toLowerCase() ?? '');
  expect(terms).toEqual([...new Set(terms)].toSorted());
});

/** Every file of the repository in that folder, from the root; none that was installed or built. */
function filesIn(folder: string): string[] {
  return readdirSync(join(root, folder), { withFileTypes: true }).flatMap((entry) => {
    const path = join(folder, entry.name);
    if (!entry.isDirectory()) return [path];
    return ['node_modules', 'dist', '.git'].includes(entry.name) ? [] : filesIn(path);
  });
}

function text(file: string): string {
  return readFileSync(join(root, file), 'utf8');
}

/** As GitHub makes them of headings. */
function anchorsOf(file: string): string[] {
  return [...text(file).matchAll(/^#+ (.+)$/gm)].map(([, heading = '']) =>
    heading
      .toLowerCase()
      .replace(/[^\p{L}\p{N}\s_-]/gu, '')
      .replaceAll(' ', '-'),
  );
}

function exists(path: string): boolean {
  return files.includes(path) || folders.has(path.replace(/\/$/, ''));
}

function parents(file: string): string[] {
  const parent = dirname(file);
  return parent === '.' ? [] : [parent, ...parents(parent)];
}
