/**
 * The files of a template set, read once. Their hash identifies the set: processes with the same hash
 * render the same mails, and a record says with which set it was rendered.
 */
import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { type JsonTree, jsonError, jsonTree, type Position, positionOf } from './json-position.ts';
import { readSetFolder } from './set-folder.ts';
import type { TemplateIssue } from './template-error.ts';

/** Every file of a template set. Paths are relative to its folder, with forward slashes. */
export class TemplateFiles {
  /** Absolute. */
  readonly dir: string;
  /** The first 16 hex digits of the SHA-256 of all paths and their bytes, in the order of the paths. */
  readonly hash: string;
  /** What cannot be read, or must not be. */
  readonly issues: readonly TemplateIssue[];
  readonly #files: ReadonlyMap<string, Buffer>;
  /** Of files in which a position was asked for. */
  readonly #trees = new Map<string, JsonTree>();

  private constructor(dir: string, files: ReadonlyMap<string, Buffer>, issues: readonly TemplateIssue[]) {
    this.dir = dir;
    this.issues = issues;
    this.#files = files;
    const digest = createHash('sha256');
    // The lengths mark where each path and its bytes end.
    for (const [path, bytes] of files) digest.update(`${Buffer.byteLength(path)}:${path}${bytes.length}:`).update(bytes);
    this.hash = digest.digest('hex').slice(0, 16);
  }

  /** Reads every file but those that `readSetFolder` leaves out. @throws when the folder cannot be read */
  static async read(dir: string): Promise<TemplateFiles> {
    const found = await readSetFolder(dir);
    const issues = [...found.issues];
    const read = found.files.map(async ({ path, location }): Promise<[string, Buffer] | undefined> => {
      try {
        return [path, await readFile(location)];
      } catch (error) {
        const { code, message } = error as NodeJS.ErrnoException;
        // Removed or renamed since the folder was listed.
        if (code === 'ENOENT') return undefined;
        const fix = 'Make it readable, or remove it.';
        issues.push({ rule: 'set-unreadable', file: path, message: `cannot be read: ${message}`, fix });
        return undefined;
      }
    });
    const files = (await Promise.all(read)).filter((file) => file !== undefined);
    return new TemplateFiles(resolve(dir), new Map(files), issues);
  }

  /** Paths under a folder (`signup/locales/`), sorted. */
  under(folder: string): string[] {
    return [...this.#files.keys()].filter((path) => path.startsWith(folder));
  }

  /** Paths of files that another reading of the folder has with other bytes, or only one of the two has. */
  changedFrom(other: TemplateFiles): string[] {
    const ofIssues = [this, other].map(({ issues }) => new Map(issues.map(({ file, message }) => [file, message])));
    const paths = new Set([...this.#files.keys(), ...other.#files.keys(), ...ofIssues.flatMap((each) => [...each.keys()])]);
    return [...paths].filter((path) => {
      const [one, two] = [this.#files.get(path), other.#files.get(path)];
      if (one === undefined && two === undefined) return ofIssues[0]?.get(path) !== ofIssues[1]?.get(path);
      return one === undefined || two === undefined || !one.equals(two);
    });
  }

  has(path: string): boolean {
    return this.#files.has(path);
  }

  /** The path is, or is in, something that `issues` has. */
  isRefused(path: string): boolean {
    return this.issues.some(({ file }) => path === file || path.startsWith(`${file}/`));
  }

  /** A file's text; undefined, with an issue, when it is missing or not UTF-8. */
  text(path: string, issues: TemplateIssue[]): string | undefined {
    const bytes = this.#files.get(path);
    if (bytes === undefined) {
      if (!this.isRefused(path))
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
      const { reason, position } = jsonError(text, error);
      issues.push({ rule: 'json-syntax', file: path, ...position, message: `is not JSON: ${reason}`, fix: 'Fix the syntax in this line.' });
      return undefined;
    }
  }

  /** Where a JSON pointer leads in a file; where there is no such value, where it would be. */
  position(path: string, pointer: string): Position {
    const text = this.#files.get(path)?.toString() ?? '';
    if (!this.#trees.has(path)) this.#trees.set(path, jsonTree(text));
    return positionOf(text, this.#trees.get(path), pointer);
  }
}
