/** `templates types`: writes the TypeScript types of every template's data, for `@posthouse/client`. */
import { readFile, writeFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { Command, type CommandUnknownOpts } from '@commander-js/extra-typings';
import { type CommandContext, CommandError, examples, json } from '../command.ts';
import { dataTypes } from './data-types.ts';

/** The command `templates types`. */
export function types(context: CommandContext): CommandUnknownOpts {
  return new Command('types')
    .summary('write the TypeScript types of the data of templates')
    .description(
      'Writes a TypeScript interface with the data of each template: new Posthouse<Templates>() then checks the data of each mail.',
    )
    .option('--templates <folder>', 'the template set; by default TEMPLATES_DIR, or ./templates')
    .option('--out <file>', 'writes this file instead of the terminal')
    .option('--check', 'changes nothing, and fails when the file is not up to date')
    .option(...json('{ "templates", "file" | "source" }'))
    .addHelpText('after', examples(['templates types --out src/posthouse-templates.ts', 'write the file that the client is given']))
    .action(async ({ templates, out, check = false, json: asJson = false }) => {
      const { loadCatalogue, TemplateError } = await import('@posthouse/templates/catalogue');
      const catalogue = await loadCatalogue(resolve(context.folder, templates ?? context.readTemplatesDir())).catch((error: Error) => {
        throw error instanceof TemplateError ? new CommandError('invalid-templates', error.message) : error;
      });
      const source = dataTypes(catalogue.templates);
      const names = [...catalogue.templates.keys()];
      if (out === undefined) return context.print(asJson ? JSON.stringify({ templates: names, source }) : source.trimEnd());
      const file = resolve(context.folder, out);
      if (!check)
        await writeFile(file, source).catch((error: Error) => {
          throw new CommandError('file-not-written', `${out} cannot be written: ${error.message}.`);
        });
      else if ((await readFile(file, 'utf8').catch(() => '')) !== source)
        throw new CommandError('not-up-to-date', `${out} is not up to date: run the command without --check.`);
      const text = check ? `${out} is up to date` : `${out}: the data of ${names.length} templates`;
      return context.print(asJson ? JSON.stringify({ templates: names, file }) : text);
    });
}
