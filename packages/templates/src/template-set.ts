import { TemplateError, type TemplateIssue } from './template-error.ts';
import { TemplateFiles } from './template-files.ts';
import { readTemplateFolder, type TemplateFolder } from './template-folder.ts';

/** A folder of templates, read as far as it is JSON. */
export interface TemplateSet {
  readonly files: TemplateFiles;
  /** The sound ones, by name, sorted. */
  readonly folders: ReadonlyMap<string, TemplateFolder>;
  /** What is wrong with the others. */
  readonly issues: TemplateIssue[];
}

/**
 * Reads a folder of templates. A folder in it that starts with `_` or `.` is no template: `_layout` is what they share.
 * @throws TemplateError when the folder cannot be read
 */
export async function readTemplateSet(dir: string): Promise<TemplateSet> {
  const issues: TemplateIssue[] = [];
  const files = await TemplateFiles.read(dir).catch((error: Error) => {
    throw new TemplateError(dir, [
      { file: '.', what: `cannot be read: ${error.message}`, fix: 'Name the folder that holds the templates.' },
    ]);
  });
  const names = new Set(files.under('').flatMap((path) => /^([^_./][^/]*)\//.exec(path)?.[1] ?? []));
  const folders = new Map<string, TemplateFolder>();
  for (const name of names) {
    const folder = readTemplateFolder(files, name, issues);
    if (folder !== undefined) folders.set(name, folder);
  }
  return { files, folders, issues };
}
