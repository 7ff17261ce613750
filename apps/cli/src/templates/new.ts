/** `templates new`: a template to start from, as a copy of a mail of the gallery. */
import { cp, lstat, mkdir, mkdtemp, readdir, rename, rm } from 'node:fs/promises';
import { join, relative, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Command, type CommandUnknownOpts } from '@commander-js/extra-typings';
import { limits, similarName } from '@posthouse/contract';
import { type CommandContext, CommandError, examples, json, UsageError } from '../command.ts';

/** The mails that come with Posthouse. */
const gallery = fileURLToPath(new URL('../../../../templates/', import.meta.url));

const defaultMail = 'signup';

/** The command `templates new`. */
export function newTemplate(context: CommandContext): CommandUnknownOpts {
  return new Command('new')
    .summary('start a template as a copy of a mail of the gallery')
    .description(
      'Copies a mail of the gallery: signup, verify-address, password-reset, magic-link, receipt, invitation, security-alert or weekly-digest.',
    )
    .argument('<name>', 'the name of the template, such as order-shipped: what callers write as `template`')
    .option('--from <mail>', `the mail of the gallery; by default ${defaultMail}`)
    .option('--templates <folder>', 'the template set; by default TEMPLATES_DIR, or ./templates')
    .option(...json('{ "template", "from", "folder", "files" }'))
    .addHelpText('after', examples(['templates new order-shipped --from receipt', 'a mail with a table']))
    .action(async (name, { from = defaultMail, templates, json: asJson = false }) => {
      const { isTemplateName } = await import('@posthouse/templates/catalogue');
      if (!isTemplateName(name) || name.length > limits.nameLength) {
        const fix = 'Use letters and digits, in words with dashes between them: order-shipped.';
        throw new UsageError('invalid-value', `${JSON.stringify(name)} is not a name of a template. ${fix}`);
      }
      await requireGalleryMail(from);
      const set = resolve(context.folder, templates ?? context.readTemplatesDir());
      const shown = (path: string) => relative(context.folder, join(set, path)) || '.';
      const files = await copyMail(from, name, set, shown).catch((error: Error) => {
        throw error instanceof CommandError
          ? error
          : new CommandError('file-not-written', `${shown(name)} cannot be made: ${error.message}.`);
      });
      if (asJson) return context.print(JSON.stringify({ template: name, from, folder: shown(name), files: files.map(shown) }));
      return context.print(nextSteps(name, from, files.map(shown), shown(name)));
    });
}

async function requireGalleryMail(from: string): Promise<void> {
  const mails = (await readdir(gallery, { withFileTypes: true }))
    .filter((entry) => entry.isDirectory() && !/^[_.]/.test(entry.name))
    .map((entry) => entry.name)
    .sort();
  if (mails.includes(from)) return;
  const meant = similarName(from, mails);
  const hint = meant === undefined ? '' : ` (Did you mean ${meant}?)`;
  throw new UsageError('invalid-value', `The gallery has no mail ${JSON.stringify(from)}.${hint} Its mails: ${mails.join(', ')}.`);
}

/**
 * Copies a mail, and of the gallery's layout the files that the set does not have. The folder appears complete: a process that watches the
 * set never reads half of it.
 * @returns the new files, relative to the set
 * @throws CommandError when the name is taken
 */
async function copyMail(from: string, name: string, set: string, shown: (path: string) => string): Promise<string[]> {
  // What is there may also be a file, or a link that leads nowhere.
  if (await exists(join(set, name)))
    throw new CommandError('file-exists', `${shown(name)} exists already. Choose another name, or remove it.`);
  await mkdir(set, { recursive: true });
  const partial = await mkdtemp(join(set, '.new-'));
  try {
    await cp(join(gallery, from), join(partial, name), { recursive: true });
    const layout = await missingFiles(set);
    for (const path of layout) await cp(join(gallery, path), join(set, path), { force: false });
    await rename(join(partial, name), join(set, name));
    return [...layout, ...(await filesUnder(name, set))];
  } finally {
    await rm(partial, { recursive: true, force: true });
  }
}

/** What the mails of the gallery share, and the set does not have: the layout, and what the check allows for it. */
async function missingFiles(set: string): Promise<string[]> {
  const paths = [...(await filesUnder('_layout', gallery)), ...((await exists(join(gallery, 'check.json'))) ? ['check.json'] : [])];
  const found = await Promise.all(paths.map((path) => exists(join(set, path))));
  return paths.filter((_, index) => !found[index]);
}

/** A link counts, wherever it leads. */
function exists(path: string): Promise<boolean> {
  return lstat(path).then(
    () => true,
    () => false,
  );
}

/** The files in a folder of a set, relative to the set, sorted. */
async function filesUnder(folder: string, set: string): Promise<string[]> {
  const entries = await readdir(join(set, folder), { recursive: true, withFileTypes: true });
  return entries
    .filter((entry) => entry.isFile())
    .map((entry) => relative(set, join(entry.parentPath, entry.name)))
    .sort();
}

function nextSteps(name: string, from: string, files: readonly string[], folder: string): string {
  const texts = `${folder}/locales/*.json`;
  const width = Math.max(texts.length, 'npm run preview'.length) + 2;
  return `${folder} is a copy of ${from}:
${files.map((file) => `  ${file}`).join('\n')}

Next:
  1. ${'npm run preview'.padEnd(width)}shows it in all its states while you edit
  2. ${texts.padEnd(width)}what it says; template.json: the data that it takes
  3. npm run templates -- check ${name}
  4. send it: "template": "${name}", with data like ${folder}/samples/default.json
  docs/templates.md describes everything that a template can use.`;
}
