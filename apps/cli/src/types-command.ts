/** `types`: writes the TypeScript types of every template's data, for `@posthouse/client`. */
import { readFile, writeFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { type Command, CommandError, parseOrUsageError } from './command.ts';
import { dataTypes } from './data-types.ts';

/** The command `types`. */
export const types: Command = {
  usage: `Usage: npm run cli -- types [--templates <folder>] [--out <file>] [--check]

Writes a TypeScript interface with the data of each template: new Posthouse<Templates>() then checks the data of each mail.
  --templates <folder>  the template set; by default TEMPLATES_DIR, or ./templates
  --out <file>          writes this file instead of the terminal
  --check               changes nothing, and fails when the file is not up to date`,

  async run(args, { folder, readTemplatesDir }) {
    const string = { type: 'string' } as const;
    const options = { templates: string, out: string, check: { type: 'boolean', default: false } } as const;
    const { values } = parseOrUsageError(() => parseArgs({ args, options }));
    const { templates = readTemplatesDir(), out, check } = values;
    const { loadCatalogue, TemplateError } = await import('@posthouse/templates/catalogue');
    const catalogue = await loadCatalogue(resolve(folder, templates)).catch((error: Error) => {
      throw error instanceof TemplateError ? new CommandError(error.message) : error;
    });
    const source = dataTypes(catalogue.templates);
    if (out === undefined) return source.trimEnd();
    const file = resolve(folder, out);
    if (!check) {
      await writeFile(file, source);
      return `${out}: the data of ${catalogue.templates.size} templates`;
    }
    if ((await readFile(file, 'utf8').catch(() => '')) === source) return `${out} is up to date`;
    throw new CommandError(`${out} is not up to date: run the command without --check`);
  },
};
