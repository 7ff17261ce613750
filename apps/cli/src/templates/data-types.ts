/**
 * JSON Schema as TypeScript types: of what each template's data may be, the part that a type can express. What it cannot, such as a format
 * or a length, the API checks; a keyword that is not known here allows any value.
 */

type Schema = Readonly<Record<string, unknown>>;

/** The keywords that decide a type. A schema with none of them allows any value. */
const deciding = ['$ref', 'const', 'enum', 'anyOf', 'oneOf', 'allOf', 'type', 'properties', 'items'];

/** A TypeScript module with the interface `Templates`. @param templates by name */
export function dataTypes(templates: ReadonlyMap<string, { schema: unknown }>): string {
  const members = [...templates].map(([name, { schema }]) => `  ${propertyName(name)}: ${new Types(schema).of(schema, '  ')};\n`);
  const head = '/** The data of each template. `npm run templates -- types` writes this file: do not edit it. */';
  return `${head}\nexport interface Templates {\n${members.join('')}}\n`;
}

/** The types in one schema. */
class Types {
  readonly #root: unknown;
  /** References that are being resolved: a schema that contains itself is not followed. */
  readonly #open = new Set<string>();

  /** @param root in which `$ref` is resolved */
  constructor(root: unknown) {
    this.#root = root;
  }

  /** @param indent of the line that the type begins in */
  of(schema: unknown, indent: string): string {
    if (schema === false) return 'never';
    if (typeof schema !== 'object' || schema === null || !deciding.some((keyword) => keyword in schema)) return 'unknown';
    const { $ref, const: constant, enum: values, anyOf, oneOf, allOf, ...own } = schema as Schema;
    const parts: string[] = [];
    if (typeof $ref === 'string') parts.push(this.#reference($ref, indent));
    if (constant !== undefined) parts.push(literal(constant));
    if (Array.isArray(values)) parts.push(union(values.map(literal)));
    for (const alternatives of [anyOf, oneOf]) {
      if (Array.isArray(alternatives)) parts.push(union(alternatives.map((each) => this.of(each, indent))));
    }
    if (Array.isArray(allOf)) parts.push(...allOf.map((each) => this.of(each, indent)));
    if (constant === undefined && values === undefined && deciding.some((keyword) => keyword in own)) parts.push(this.#ofType(own, indent));
    const known = parts.filter((part) => part !== 'unknown');
    if (known.length === 0) return 'unknown';
    return known.length === 1 ? (known[0] as string) : known.map(inParentheses).join(' & ');
  }

  #reference($ref: string, indent: string): string {
    if (!$ref.startsWith('#') || this.#open.has($ref)) return 'unknown';
    const tokens = $ref.slice(2).split('/').filter(Boolean);
    const target = tokens.reduce<unknown>(
      (value, token) => (value as Schema | undefined)?.[decodeURIComponent(token).replaceAll('~1', '/').replaceAll('~0', '~')],
      this.#root,
    );
    this.#open.add($ref);
    const type = this.of(target, indent);
    this.#open.delete($ref);
    return type;
  }

  #ofType(schema: Schema, indent: string): string {
    const { type = 'properties' in schema ? 'object' : 'items' in schema ? 'array' : undefined } = schema;
    if (Array.isArray(type)) return union(type.map((each) => this.#ofType({ ...schema, type: each }, indent)));
    switch (type) {
      case 'string':
      case 'boolean':
      case 'null':
        return type;
      case 'number':
      case 'integer':
        return 'number';
      case 'array':
        return `${inParentheses(this.of(schema['items'] ?? true, indent))}[]`;
      case 'object':
        return this.#object(schema, indent);
      default:
        return 'unknown';
    }
  }

  #object({ properties = {}, required = [], additionalProperties = true }: Schema, indent: string): string {
    const inner = `${indent}  `;
    const entries = Object.entries(properties as Record<string, unknown>);
    const others = this.of(additionalProperties, indent);
    if (entries.length === 0) return others === 'never' ? 'Record<string, never>' : `Record<string, ${others}>`;
    const members = entries.map(([name, property]) => {
      const mark = (required as unknown[]).includes(name) ? '' : '?';
      return `${comment(property, inner)}${inner}${propertyName(name)}${mark}: ${this.of(property, inner)};\n`;
    });
    const object = `{\n${members.join('')}${indent}}`;
    return others === 'never' ? object : `${object} & Record<string, unknown>`;
  }
}

function comment(schema: unknown, indent: string): string {
  const description = (schema as Schema | undefined)?.['description'];
  return typeof description === 'string' ? `${indent}/** ${description.replaceAll('*/', '* /').replaceAll(/\s+/g, ' ')} */\n` : '';
}

function propertyName(name: string): string {
  return /^[A-Za-z_$][\w$]*$/.test(name) ? name : literal(name);
}

/** As Biome and Prettier write it by default in this project: with single quotes. */
function literal(value: unknown): string {
  if (typeof value === 'string') return `'${JSON.stringify(value).slice(1, -1).replaceAll('\\"', '"').replaceAll("'", "\\'")}'`;
  return typeof value === 'object' && value !== null ? 'unknown' : JSON.stringify(value);
}

function union(types: readonly string[]): string {
  if (types.length === 0) return 'never';
  return types.includes('unknown') ? 'unknown' : [...new Set(types)].map(inParentheses).join(' | ');
}

/** Puts a type in parentheses that has an operator outside of all brackets and texts. */
function inParentheses(type: string): string {
  let depth = 0;
  for (const char of type.replaceAll(/'(?:\\.|[^'\\])*'/g, '')) {
    if ('{(<['.includes(char)) depth += 1;
    else if ('})>]'.includes(char)) depth -= 1;
    else if (depth === 0 && '|&'.includes(char)) return `(${type})`;
  }
  return type;
}
