/**
 * The files of a template set, read once. Their hash identifies the set: processes with the same hash
 * render the same mails, and a record says with which set it was rendered.
 */
import { createHash } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { join, relative, resolve, sep } from 'node:path';
import type { TemplateIssue } from './template-error.ts';

/** Every file of a template set. Paths are relative to its folder, with forward slashes. */
export class TemplateFiles {
  /** Absolute. */
  readonly dir: string;
  /** The first 16 hex digits of the SHA-256 of all paths and their bytes, in the order of the paths. */
  readonly hash: string;
  readonly #files: ReadonlyMap<string, Buffer>;

  private constructor(dir: string, files: ReadonlyMap<string, Buffer>) {
    this.dir = dir;
    this.#files = files;
    const digest = createHash('sha256');
    // The lengths mark where each path and its bytes end.
    for (const [path, bytes] of files) digest.update(`${Buffer.byteLength(path)}:${path}${bytes.length}:`).update(bytes);
    this.hash = digest.digest('hex').slice(0, 16);
  }

  /** @throws when the folder cannot be read */
  static async read(dir: string): Promise<TemplateFiles> {
    const root = resolve(dir);
    const entries = await readdir(root, { recursive: true, withFileTypes: true });
    const paths = entries.filter((entry) => !entry.isDirectory()).map((entry) => join(entry.parentPath, entry.name));
    const read = paths.map(async (path): Promise<[string, Buffer]> => [relative(root, path).split(sep).join('/'), await readFile(path)]);
    // Sorted by code unit: sorting by locale would give another hash on other machines.
    const files = (await Promise.all(read)).sort(([a], [b]) => (a < b ? -1 : 1));
    return new TemplateFiles(root, new Map(files));
  }

  /** Paths under a folder (`signup/locales/`), sorted. */
  under(folder: string): string[] {
    return [...this.#files.keys()].filter((path) => path.startsWith(folder));
  }

  has(path: string): boolean {
    return this.#files.has(path);
  }

  /** A file's text; undefined, with an issue, when it is missing or not UTF-8. */
  text(path: string, issues: TemplateIssue[]): string | undefined {
    const bytes = this.#files.get(path);
    if (bytes === undefined) {
      issues.push({ rule: 'file-missing', file: path, message: 'is missing', fix: 'Create it: every template needs one.' });
      return undefined;
    }
    try {
      return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
    } catch {
      issues.push({ rule: 'encoding', file: path, message: 'is not UTF-8', fix: 'Save it as UTF-8.' });
      return undefined;
    }
  }

  /** A file's JSON; undefined, with an issue, when it is not valid. */
  json(path: string, issues: TemplateIssue[]): unknown {
    const text = this.text(path, issues);
    if (text === undefined) return undefined;
    try {
      return JSON.parse(text);
    } catch (error) {
      const reason = (error as Error).message;
      const position = Number(/position (\d+)/.exec(reason)?.[1] ?? text.length);
      issues.push({
        rule: 'json-syntax',
        file: path,
        line: lineAt(text, position),
        message: `is not JSON: ${reason}`,
        fix: 'Fix the syntax in this line or before it.',
      });
      return undefined;
    }
  }
}

/** The line number, from 1, of an offset in a text. */
export function lineAt(text: string, index: number): number {
  return text.slice(0, index).split('\n').length;
}
