/** The data of a mail from a file and from assignments on the command line. */
import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { text as readAll } from 'node:stream/consumers';
import { InvalidArgumentError } from '@commander-js/extra-typings';
import { type CommandContext, UsageError } from './command.ts';

/** One field of the data. */
export type Assignment = readonly [name: string, value: unknown];

/**
 * Reads `name=text` or `name:=json`. Two forms, because a code such as 0042 must stay a text.
 * @param previous those before it
 * @throws InvalidArgumentError
 */
export function parseAssignment(written: string, previous: readonly Assignment[] = []): Assignment[] {
  const [, name, isJson, text] = /^([^=:]+)(:?)=(.*)$/s.exec(written) ?? [];
  if (name === undefined || text === undefined) throw new InvalidArgumentError('name=text, or name:=json for anything that is not a text.');
  if (isJson === '') return [...previous, [name, text]];
  try {
    return [...previous, [name, JSON.parse(text)]];
  } catch (error) {
    throw new InvalidArgumentError(`${name}: what is after := is not JSON: ${(error as Error).message}`);
  }
}

/**
 * @param file of JSON; `-` for stdin; absent for none
 * @param assignments put over what the file has
 * @throws UsageError
 */
export async function readData(
  { folder, stdin }: Pick<CommandContext, 'folder' | 'stdin'>,
  file: string | undefined,
  assignments: readonly Assignment[],
): Promise<Record<string, unknown>> {
  const base = file === undefined ? {} : parseObject(file, file === '-' ? await readAll(stdin) : await readText(resolve(folder, file)));
  return { ...base, ...Object.fromEntries(assignments) };
}

async function readText(path: string): Promise<string> {
  return await readFile(path, 'utf8').catch((error: Error) => {
    throw new UsageError('file-not-read', `--data: ${error.message}.`);
  });
}

function parseObject(file: string, text: string): Record<string, unknown> {
  const name = file === '-' ? 'stdin' : file;
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as Record<string, unknown>;
  } catch (error) {
    throw new UsageError('not-json', `--data: ${name} is not JSON: ${(error as Error).message}.`);
  }
  throw new UsageError('not-json', `--data: ${name} is not a JSON object, such as {"nickname":"Anne"}.`);
}
