/** Data and strings that a template has and does not use. */
import { basename } from 'node:path/posix';
import type { Usage } from '../expression-check.ts';
import type { TemplateIssue } from '../template-error.ts';
import type { TemplateFiles } from '../template-files.ts';
import type { TemplateFolder } from '../template-set.ts';

interface Schema {
  readonly properties?: Readonly<Record<string, unknown>>;
  readonly required?: readonly string[];
  readonly items?: unknown;
  readonly [keyword: string]: unknown;
}

/** A property of the schema. */
interface Property {
  /** JSON pointer to the data, with `*` for any entry of a list. */
  readonly pointer: string;
  /** JSON pointer in template.json. */
  readonly place: string;
  readonly isRequired: boolean;
}

/** Properties of the schema that nothing uses; of an unused object only the object itself. */
export function unusedData(files: TemplateFiles, { template: { name, schema } }: TemplateFolder, usage: Usage): TemplateIssue[] {
  const file = `${name}/template.json`;
  return unused(schema as Schema, '', '/schema', usage, 0).map(({ pointer, place, isRequired }) => {
    const shown = pointer.replaceAll('/*', '/…');
    return isRequired
      ? {
          rule: 'unused-required' as const,
          file,
          ...files.position(file, place),
          message: `requires ${shown}, which nothing in the template uses`,
          fix: 'Use it, or remove it from the schema: callers have to send it.',
        }
      : {
          rule: 'unused-data' as const,
          file,
          ...files.position(file, place),
          message: `has ${shown}, which nothing in the template uses`,
          fix: 'Use it, or remove it from the schema.',
        };
  });
}

const maxDepth = 16;

function unused(schema: Schema, pointer: string, place: string, usage: Usage, depth: number): Property[] {
  if (depth > maxDepth || typeof schema !== 'object' || schema === null) return [];
  const own = Object.entries(schema.properties ?? {}).flatMap(([name, inner]) => {
    const token = name.replaceAll('~', '~0').replaceAll('/', '~1');
    const data = `${pointer}/${name}`;
    const where = `${place}/properties/${token}`;
    if (usage.data.has(data)) return unused(inner as Schema, data, where, usage, depth + 1);
    return [{ pointer: data, place: where, isRequired: Array.isArray(schema.required) && schema.required.includes(name) }];
  });
  const items = Array.isArray(schema.items)
    ? []
    : unused((schema.items ?? {}) as Schema, `${pointer}/*`, `${place}/items`, usage, depth + 1);
  return [...own, ...items];
}

/** Strings of a folder of locales that none of the templates uses. */
export function unusedStrings(files: TemplateFiles, folder: string, used: ReadonlySet<string>): TemplateIssue[] {
  return files.under(folder).flatMap((path) => {
    const strings = files.json(path, []);
    if (typeof strings !== 'object' || strings === null) return [];
    return Object.keys(strings)
      .filter((key) => key !== 'subject' && key !== 'preheader' && !used.has(key))
      .map((key) => ({
        rule: 'unused-string' as const,
        file: path,
        ...files.position(path, `/${key}`),
        message: `has the string '${key}', which nothing uses`,
        fix: 'Use it, or remove it.',
        locale: basename(path, '.json'),
      }));
  });
}
