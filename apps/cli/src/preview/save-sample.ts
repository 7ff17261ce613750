/** Saves data as a sample of a template: a file in its folder `samples`, and nowhere else. */
import { lstat, mkdir, realpath, rename, rm, writeFile } from 'node:fs/promises';
import { join, sep } from 'node:path';

/** What came of it. `exists`: there is a sample of this name, and it was not to be replaced. */
export type SaveResult = { kind: 'saved'; file: string } | { kind: 'exists' } | { kind: 'refused'; message: string };

/** Names of samples that are saved: they are names of files and parts of URLs. */
const namePattern = /^[a-z0-9]+(?:-[a-z0-9]+)*$/;
const maxNameLength = 64;
/** What a name has, for the person who writes it. */
export const nameAdvice = 'A name has small letters, digits and dashes between them, such as very-long-name.';

/**
 * Writes a sample.
 *
 * @param dir the folder of the set, absolute
 * @param template a template of the set
 * @param replace a sample of this name is replaced
 */
export async function saveSample(dir: string, template: string, name: string, data: object, replace: boolean): Promise<SaveResult> {
  if (!namePattern.test(name) || name.length > maxNameLength) return { kind: 'refused', message: nameAdvice };
  const folder = join(dir, template, 'samples');
  await mkdir(folder, { recursive: true });
  // A link could lead out of the set, and writing through one would change a file elsewhere.
  const isInside = (await realpath(folder)).startsWith(`${join(await realpath(dir), template)}${sep}`);
  if (!isInside)
    return { kind: 'refused', message: `The folder ${template}/samples is a link out of the template set: nothing is written there.` };
  const file = join(folder, `${name}.json`);
  const exists = await lstat(file).then(
    () => true,
    () => false,
  );
  if (exists && !replace) return { kind: 'exists' };
  // Written beside it first: the preview never reads half a sample. The name with a dot is no sample.
  const complete = join(folder, `.${name}.json.new`);
  await rm(complete, { force: true });
  await writeFile(complete, `${JSON.stringify(data, null, 2)}\n`, { flag: 'wx' });
  await rename(complete, file);
  return { kind: 'saved', file: `${template}/samples/${name}.json` };
}
