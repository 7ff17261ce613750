/** `templates diff`: which mails differ from those of a commit, side by side. */
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join, relative, resolve } from 'node:path';
import { Command, type CommandUnknownOpts } from '@commander-js/extra-typings';
import { limits } from '@posthouse/contract';
import type { Renderer } from '@posthouse/templates/render';
import { type CommandContext, CommandError, examples, json } from '../command.ts';
import { type Comparison, compareSets } from './diff/compare-sets.ts';
import { startBrowser, takePictures } from './diff/diff-pictures.ts';
import { extractFolder, findCommit } from './diff/git-tree.ts';
import { mailName, reportPage } from './diff/report-page.ts';

/** The command `templates diff`. */
export function diff(context: CommandContext): CommandUnknownOpts {
  return new Command('diff')
    .summary('show which mails differ from those of a commit')
    .description(
      'Renders each template with each sample in each locale, as it is in the working tree and as it is in a commit, and writes a page with those that differ side by side. Nothing is loaded from the network.',
    )
    .argument('<ref>', 'a branch, a tag or a commit')
    .option('--templates <folder>', 'the template set; by default TEMPLATES_DIR, or ./templates')
    .option('--out <folder>', 'where the page and the pictures are written', '.posthouse/templates-diff')
    .option('--pictures', 'also takes a picture of each mail that differs; needs a Chromium or Chrome: CHROMIUM_PATH, or one in PATH')
    .option(...json('{ "ref", "commit", "unchanged", "changed", "page", "pictures" }'))
    .addHelpText('after', examples(['templates diff main --pictures', 'what a pull request changes, as HTML and PNG']))
    .action(async (ref, { templates, out, pictures = false, json: asJson = false }) => {
      const set = resolve(context.folder, templates ?? context.readTemplatesDir());
      const found = await findCommit(set, ref);
      const browser = pictures ? await startBrowser(context.readBrowserCandidates()) : undefined;
      try {
        const comparison = await compareWithCommit(found, set, ref);
        const folder = resolve(context.folder, out);
        const page = join(folder, 'index.html');
        await writePage(page, reportPage(ref, found.commit, comparison, limits.templateDiff.mails));
        const files = browser && (await takePictures(browser, comparison.changed.slice(0, limits.templateDiff.mails), folder));
        const result = { ref, commit: found.commit, ...comparison, page: relative(context.folder, page) || page };
        return context.print(asJson ? asJsonLine(result, files) : asText(result, files));
      } finally {
        await browser?.close();
      }
    });
}

async function writePage(page: string, html: string): Promise<void> {
  try {
    await mkdir(dirname(page), { recursive: true });
    await writeFile(page, html);
  } catch (error) {
    throw new CommandError(
      'file-not-written',
      `The page cannot be written: ${(error as Error).message}. Choose another folder with --out.`,
    );
  }
}

async function compareWithCommit(found: Awaited<ReturnType<typeof findCommit>>, set: string, ref: string): Promise<Comparison> {
  const temporary = await mkdtemp(join(tmpdir(), 'posthouse-diff-'));
  try {
    if ((await extractFolder(found, temporary)) === 0)
      throw new CommandError('unknown-folder', `${JSON.stringify(ref)} has no folder ${found.prefix}: there is nothing to compare with.`);
    const [before, after] = [await load(temporary, `The templates of ${JSON.stringify(ref)}`), await load(set, 'The templates')];
    return compareSets(before, after);
  } finally {
    await rm(temporary, { recursive: true, force: true });
  }
}

async function load(dir: string, what: string): Promise<Renderer> {
  const { loadRenderer, TemplateError } = await import('@posthouse/templates/render');
  return loadRenderer(dir).catch((error: Error) => {
    throw error instanceof TemplateError ? new CommandError('invalid-templates', `${what} do not render. ${error.message}`) : error;
  });
}

interface Result extends Comparison {
  ref: string;
  commit: string;
  page: string;
}

function asJsonLine({ ref, commit, unchanged, changed, page }: Result, pictures: readonly string[] = []): string {
  const mails = changed.map(({ before: _before, after: _after, ...mail }) => mail);
  return JSON.stringify({ ref, commit, unchanged, changed: mails, page, pictures });
}

function asText({ ref, unchanged, changed, page }: Result, pictures?: readonly string[]): string {
  if (changed.length === 0) return `All ${unchanged} mails are as in ${ref}.`;
  const lines = changed.map((mail) => `  ${mailName(mail)}: ${mail.change === 'changed' ? mail.parts.join(', ') : mail.change}`);
  const beside = pictures === undefined ? '' : `, and ${pictures.length} pictures beside it`;
  return `${changed.length} of ${changed.length + unchanged} mails differ from ${ref}:\n${lines.join('\n')}\n\n${page}${beside}`;
}
