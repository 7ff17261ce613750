/** What the image is built from, read from Dockerfile and .dockerignore. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The repository's folder. */
export const root = fileURLToPath(new URL('..', import.meta.url));

/** One instruction of the Dockerfile. */
interface Instruction {
  name: string;
  args: string[];
}

/** The text of a file of the repository. */
export function text(path: string): string {
  return readFileSync(join(root, path), 'utf8');
}

/** Every file of the repository below a folder; none that was installed or built. */
export function filesIn(folder: string): string[] {
  return readdirSync(join(root, folder), { withFileTypes: true }).flatMap((entry) => {
    const path = join(folder, entry.name);
    if (!entry.isDirectory()) return [path];
    return ['node_modules', 'dist', '.git'].includes(entry.name) ? [] : filesIn(path);
  });
}

/** Whether a file is sent to the build: of the rules of .dockerignore, the last that matches its path, or a folder that it is in, decides. */
export function contextFilter(): (path: string) => boolean {
  const rules = text('.dockerignore')
    .split('\n')
    .filter((line) => line !== '' && !line.startsWith('#'))
    .map((line) => ({ isException: line.startsWith('!'), pattern: patternOf(line.replace(/^!/, '')) }));
  return (path) => {
    const names = path.split('/');
    const paths = names.map((_, n) => names.slice(0, n + 1).join('/'));
    return rules.reduce((sent, { isException, pattern }) => (paths.some((part) => pattern.test(part)) ? isException : sent), true);
  };
}

/** The instructions of the Dockerfile, in order. */
export function instructions(): Instruction[] {
  return text('Dockerfile')
    .replace(/^\s*#.*\n/gm, '')
    .replaceAll('\\\n', ' ')
    .split('\n')
    .filter((line) => line.trim() !== '')
    .map((line) => ({ name: line.split(' ')[0] ?? '', args: line.split(' ').slice(1) }));
}

/** `*` stays within a name, and a leading `**` followed by a slash stands for any folders, or none. */
function patternOf(rule: string): RegExp {
  const name = rule.replace(/^\*\*\//, '');
  if (/[?[\\]|\*\*/.test(name)) throw new Error(`.dockerignore: this test does not know how to match ${rule}`);
  const source = name.replace(/[.+^$(){}|]/g, '\\$&').replaceAll('*', '[^/]*');
  return new RegExp(`^${name === rule ? '' : '(?:.*/)?'}${source}$`);
}
