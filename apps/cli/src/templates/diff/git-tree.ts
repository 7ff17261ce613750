/**
 * Reads a folder as it is in a commit. Objects are read from the repository and written elsewhere: neither its working tree nor its index
 * nor its settings change, and nothing goes through a shell.
 */
import { execFile } from 'node:child_process';
import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { limits } from '@posthouse/contract';
import { CommandError } from '../../command.ts';

/** A commit, and the folder in it. */
export interface CommitFolder {
  /** The whole hash. */
  readonly commit: string;
  /** The top folder of the repository. */
  readonly top: string;
  /** Of the folder, from the top: `templates/`; empty for the top itself. */
  readonly prefix: string;
}

/**
 * Finds a commit.
 * @param ref a branch, a tag, a hash, `HEAD~2`: what `git rev-parse` takes
 * @throws CommandError `no-repository`, `unknown-ref`
 */
export async function findCommit(folder: string, ref: string): Promise<CommitFolder> {
  const where = await git(folder, ['rev-parse', '--show-toplevel', '--show-prefix']).catch((error: Error) => {
    throw new CommandError('no-repository', `${folder} is in no repository that git can read: ${error.message}`);
  });
  const [top = '', prefix = ''] = where.toString().split('\n');
  // Whatever begins with a dash is a ref here, and no option.
  const commit = await git(top, ['rev-parse', '--verify', '--quiet', '--end-of-options', `${ref}^{commit}`]).catch(() => {
    throw new CommandError(
      'unknown-ref',
      `${JSON.stringify(ref)} is no commit of this repository. git branch --all and git tag list what there is; a shallow clone needs git fetch.`,
    );
  });
  return { commit: commit.toString().trim(), top, prefix };
}

/**
 * Writes the folder's files of that commit. Links are left out: where they lead is not part of the commit. So are paths with `..`, which git
 * makes in no commit and takes in those of others: they would be written elsewhere.
 * @returns how many there are
 * @throws CommandError `too-large` with more than the files or bytes of `limits.templateDiff`
 */
export async function extractFolder({ commit, top, prefix }: CommitFolder, target: string): Promise<number> {
  const listing = await git(top, ['ls-tree', '-r', '-l', '-z', '--full-tree', commit, '--', ...(prefix === '' ? [] : [prefix])]);
  const entries = listing
    .toString()
    .split('\0')
    .flatMap((line) => {
      const [, mode = '', object = '', bytes = '', path = ''] = /^(\d+) blob ([0-9a-f]+) +(\d+)\t(.*)$/s.exec(line) ?? [];
      return mode.startsWith('100') && !path.split('/').includes('..')
        ? [{ object, bytes: Number(bytes), path: path.slice(prefix.length) }]
        : [];
    });
  const { files, bytes } = limits.templateDiff;
  if (entries.length > files || entries.reduce((sum, entry) => sum + entry.bytes, 0) > bytes)
    throw new CommandError('too-large', `${prefix} of ${commit.slice(0, 12)} has more than ${files} files or ${bytes} bytes.`);
  const blobs = await git(top, ['cat-file', '--batch'], entries.map(({ object }) => `${object}\n`).join(''));
  let offset = 0;
  for (const entry of entries) {
    const start = blobs.indexOf('\n', offset) + 1;
    const file = join(target, entry.path);
    await mkdir(dirname(file), { recursive: true });
    await writeFile(file, blobs.subarray(start, start + entry.bytes));
    offset = start + entry.bytes + 1;
  }
  return entries.length;
}

/** @throws Error with the first line of what git says */
function git(folder: string, args: readonly string[], input = ''): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const options = { encoding: 'buffer', maxBuffer: 2 * limits.templateDiff.bytes } as const;
    const child = execFile('git', ['-C', folder, ...args], options, (error, stdout, stderr) => {
      const [reason] = stderr.toString().trim().split('\n');
      if (error) reject(new Error(reason || error.message));
      else resolve(stdout);
    });
    child.stdin?.on('error', () => undefined); // It may exit without reading.
    child.stdin?.end(input);
  });
}
