/** `templates check`: everything that is wrong with templates, for a person and for CI. */
import { relative, resolve } from 'node:path';
import { Command, type CommandUnknownOpts, Option } from '@commander-js/extra-typings';
import { packageVersion } from '@posthouse/runtime';
import { type CommandContext, examples, json, UsageError } from '../command.ts';
import { type CheckReport, countOf } from './check/check-report.ts';
import { junitReport } from './check/junit-report.ts';
import { sarifReport } from './check/sarif-report.ts';
import { textReport } from './check/text-report.ts';

/** The command `templates check`. */
export function check(context: CommandContext): CommandUnknownOpts {
  return new Command('check')
    .summary('find what is wrong with templates')
    .description(
      'Lists everything that is wrong with the templates, each with file, line and how to fix it. It needs no Redis, no relay and no network. ' +
        'docs/template-rules.md lists the rules.',
    )
    .argument('[names...]', 'templates to check; by default all of the set')
    .option('--templates <folder>', 'the template set; by default TEMPLATES_DIR, or ./templates')
    .addOption(new Option('--format <format>', 'how the findings are printed').choices(['text', 'json', 'sarif', 'junit']).default('text'))
    .option('--strict', 'ends with exit code 1 for warnings too')
    .option(...json('{ "errors", "warnings", "findings" }'))
    .addHelpText(
      'after',
      examples(
        ['templates check signup', 'one template'],
        ['templates check --strict --format sarif > templates.sarif', 'for code scanning, with warnings as failures'],
      ),
    )
    .action(async (names, { templates, format, strict = false, json: asJson = false }) => {
      const { checkTemplates, namesOfTemplates, rules } = await import('@posthouse/templates/check');
      const directory = resolve(context.folder, templates ?? context.readTemplatesDir());
      const findings = await checkTemplates(directory, names.length === 0 ? {} : { names }).catch((error: Error) => {
        throw error instanceof RangeError ? new UsageError('invalid-value', error.message) : error;
      });
      const report: CheckReport = {
        findings,
        names: names.length === 0 ? await namesOfTemplates(directory) : names,
        folder: relative(context.folder, directory).replaceAll('\\', '/'),
        strict,
        version: packageVersion(new URL('../../package.json', import.meta.url)),
      };
      const fails = countOf(findings, 'error') > 0 || (strict && findings.length > 0);
      context.print(render(asJson ? 'json' : format, report, rules, context), fails ? 1 : 0);
    });
}

function render(format: string, report: CheckReport, rules: Parameters<typeof sarifReport>[1], context: CommandContext): string {
  const { findings } = report;
  switch (format) {
    case 'json':
      return JSON.stringify({ errors: countOf(findings, 'error'), warnings: countOf(findings, 'warning'), findings });
    case 'sarif':
      return JSON.stringify(sarifReport(report, rules), null, 2);
    case 'junit':
      return junitReport(report);
    default:
      return textReport(report, context);
  }
}
