/**
 * Navigates a JSON Schema one property at a time: enough to detect that `{{nicknme}}` can never be in the data.
 * Where a schema does not restrict the data, every path is possible.
 */
import { pointerTokens } from '@posthouse/contract';

/** The data at one path, as the schema describes it. */
export class DataShape {
  /** JSON pointer from the whole data, with `*` for any entry of a list. */
  readonly pointer: string;
  readonly #root: unknown;
  readonly #alternatives: readonly unknown[];

  /** @param root the whole schema, in which `$ref` is resolved */
  constructor(root: unknown, schemas: readonly unknown[] = [root], pointer = '') {
    this.#root = root;
    this.pointer = pointer;
    this.#alternatives = schemas.flatMap((schema) => expand(root, schema, new Set()));
  }

  /** The schema names the values, or their form, so that they cannot be any text. */
  get isRestricted(): boolean {
    return this.#alternatives.every((alternative) => {
      const schema = (alternative === true ? {} : alternative) as Schema;
      const { type = '' } = schema;
      return ['enum', 'const', 'pattern', 'format'].some((keyword) => keyword in schema) || ['number', 'integer', 'boolean'].includes(type);
    });
  }

  /** The properties that the schema names. */
  get names(): string[] {
    return this.#alternatives.flatMap((schema) => Object.keys((schema === true ? {} : (schema as Schema)).properties ?? {}));
  }

  /** One property, or one entry of an array; undefined when the schema does not allow it. */
  property(name: string): DataShape | undefined {
    return this.#step(/^\d+$/.test(name) ? '*' : name, (schema) => {
      if (allowsAnything(schema)) return [true];
      if (Object.hasOwn(schema.properties ?? {}, name)) return [schema.properties?.[name]];
      if (schema.items !== undefined) return name === 'length' ? [{ type: 'integer' }] : /^\d+$/.test(name) ? [schema.items] : [];
      return isSchema(schema.additionalProperties) ? [schema.additionalProperties] : [];
    });
  }

  /** What `{{#each}}` iterates over. */
  element(): DataShape | undefined {
    return this.#step('*', (schema) => {
      if (allowsAnything(schema)) return [true];
      if (schema.items !== undefined) return [schema.items];
      return [...Object.values(schema.properties ?? {}), ...(isSchema(schema.additionalProperties) ? [schema.additionalProperties] : [])];
    });
  }

  #step(name: string, next: (schema: Schema) => unknown[]): DataShape | undefined {
    const schemas = this.#alternatives.flatMap((schema) => next(schema === true ? {} : (schema as Schema)));
    return schemas.length === 0 ? undefined : new DataShape(this.#root, schemas, `${this.pointer}/${name}`);
  }
}

interface Schema {
  type?: string;
  properties?: Record<string, unknown>;
  items?: unknown;
  additionalProperties?: unknown;
  $ref?: string;
}

/** True when the schema does not restrict the data. */
function allowsAnything(schema: Schema): boolean {
  return Object.keys(schema).every((key) => key === 'description' || key === 'title');
}

function isSchema(value: unknown): boolean {
  return value === true || (typeof value === 'object' && value !== null);
}

/** A schema with its `$ref` resolved, as the list of its alternatives. */
function expand(root: unknown, schema: unknown, seen: Set<unknown>): unknown[] {
  if (schema === true) return [true];
  if (typeof schema !== 'object' || schema === null || seen.has(schema)) return [];
  seen.add(schema);
  const { $ref, anyOf = [], oneOf = [], allOf = [], ...own } = schema as Schema & Record<'anyOf' | 'oneOf' | 'allOf', unknown[]>;
  const branches = [...anyOf, ...oneOf, ...allOf, ...($ref?.startsWith('#') ? [resolve(root, $ref.slice(1))] : [])];
  const inner = branches.flatMap((branch) => expand(root, branch, seen));
  return branches.length > 0 && allowsAnything(own) ? inner : [own, ...inner];
}

function resolve(root: unknown, pointer: string): unknown {
  return pointerTokens(pointer).reduce<unknown>((value, token) => (value as Record<string, unknown> | undefined)?.[token], root);
}
