/** The template set, by the checks of `templates check`. */
import { type Check, Checks, reasonOf } from './check.ts';

/** Findings that are listed; the others are counted. */
const listed = 3;

/** @param directory absolute */
export async function checkTemplateSet(directory: string): Promise<Check[]> {
  const { checkTemplates } = await import('@posthouse/templates/check');
  const checks = new Checks('templates');
  const fix = 'Run npm run templates -- check, which lists all of them with what to do.';
  try {
    const findings = await checkTemplates(directory);
    for (const status of ['error', 'warning'] as const) {
      const found = findings.filter(({ severity }) => severity === status);
      const [first] = found;
      if (first === undefined) continue;
      const some = found.slice(0, listed).map(({ file, line, message }) => `${file === '.' ? directory : `${file}:${line}`} ${message}`);
      const more = found.length > listed ? `; and ${found.length - listed} more` : '';
      checks[status]('valid', `${some.join('; ')}${more}`, found.length === 1 ? first.fix : fix);
    }
    if (findings.length === 0) checks.ok('valid', `the templates in ${directory} are valid`);
  } catch (error) {
    checks.error('valid', `the templates in ${directory} cannot be read: ${reasonOf(error)}`, 'Correct TEMPLATES_DIR.');
  }
  return checks.list;
}
