/**
 * Finds the files of a template set. A link is followed inside the set's folder only: a volume of Kubernetes and a checkout of git-sync
 * consist of links, and one that leads out would make anything on the machine a part of mails.
 */
import { createHash } from 'node:crypto';
import type { BigIntStats, Dirent } from 'node:fs';
import { readdir, realpath, stat } from 'node:fs/promises';
import { join, resolve, sep } from 'node:path';
import { limits } from '@posthouse/contract';
import type { TemplateIssue } from './template-error.ts';

/** A file of a set. */
interface FoundFile {
  /** Relative to the set's folder, with forward slashes. */
  readonly path: string;
  /** Absolute. */
  readonly location: string;
  readonly stats: BigIntStats;
}

/** What a folder contains. */
export interface SetFolder {
  /** Sorted by path, by code unit: sorting by locale would give another order on other machines. */
  readonly files: readonly FoundFile[];
  /** About what can be no part of a set. */
  readonly issues: readonly TemplateIssue[];
}

/** Names of what is no part of a set: hidden files, such as those that editors and volumes make, and editors' copies. */
const ignored = /^\.|~$/;

/**
 * Lists a folder of templates.
 * @throws when the folder cannot be read
 */
export async function readSetFolder(dir: string): Promise<SetFolder> {
  const root = await realpath(resolve(dir));
  const files: FoundFile[] = [];
  const issues: TemplateIssue[] = [];
  /** @param parents real paths of the folder and those around it */
  const readFolder = async (folder: string, path: string, parents: readonly string[]): Promise<void> => {
    const entries = (await readdir(folder, { withFileTypes: true })).filter(({ name }) => !ignored.test(name));
    await Promise.all(entries.map((entry) => readEntry(entry, join(folder, entry.name), `${path}${entry.name}`, parents)));
  };
  const readEntry = async (entry: Dirent, location: string, path: string, parents: readonly string[]): Promise<void> => {
    const real = entry.isSymbolicLink() ? await realpath(location).catch(() => undefined) : join(parents.at(-1) ?? root, entry.name);
    const stats = real === undefined ? undefined : await stat(real, { bigint: true }).catch(() => undefined);
    // Removed or renamed since the folder was listed.
    if (stats === undefined && !entry.isSymbolicLink()) return;
    const problem = problemOf(root, real, stats, parents);
    if (problem !== undefined) issues.push({ file: path, ...problem });
    else if (stats?.isDirectory()) await readFolder(location, `${path}/`, [...parents, real as string]);
    else if (stats !== undefined) files.push({ path, location, stats });
  };
  await readFolder(resolve(dir), '', [root]);
  const byPath = (a: string, b: string) => (a < b ? -1 : 1);
  return { files: files.sort((a, b) => byPath(a.path, b.path)), issues: issues.sort((a, b) => byPath(a.file, b.file)) };
}

/** @param real undefined where it does not exist, or does not any more */
function problemOf(
  root: string,
  real: string | undefined,
  stats: BigIntStats | undefined,
  parents: readonly string[],
): Omit<TemplateIssue, 'file'> | undefined {
  if (real === undefined || stats === undefined)
    return { rule: 'link', message: 'is a link that leads nowhere', fix: 'Replace it by the file.' };
  if (!real.startsWith(root + sep) && real !== root)
    return { rule: 'link', message: 'is a link that leads out of the set', fix: 'Replace it by the file or folder.' };
  if (parents.includes(real)) return { rule: 'link', message: 'is a link to a folder that contains it', fix: 'Remove it.' };
  if (stats.isDirectory()) return undefined;
  if (!stats.isFile()) return { rule: 'set-unreadable', message: 'is not a file', fix: 'Remove it.' };
  const { fileBytes } = limits.templates;
  if (stats.size <= fileBytes) return undefined;
  const message = `has ${stats.size} bytes, and a file of a template may have ${fileBytes}`;
  return { rule: 'template-size', message, fix: 'Split it, or move what is no template out of the folder.' };
}

/**
 * Identifies the state of a folder without reading its files: it changes with every save, rename or exchanged link. A file's time of change
 * (`ctime`) is set by the kernel, so it also changes where a copy keeps the time of its original.
 *
 * @returns also for a folder that cannot be read: then it names the reason
 */
export async function fingerprint(dir: string): Promise<string> {
  try {
    const { files, issues } = await readSetFolder(dir);
    const digest = createHash('sha256');
    for (const { path, stats } of files) digest.update(`${path}:${stats.dev}:${stats.ino}:${stats.ctimeNs}:${stats.size}\n`);
    for (const { file, message } of issues) digest.update(`${file} ${message}\n`);
    return digest.digest('hex');
  } catch (error) {
    return (error as Error).message;
  }
}
