/**
 * What a JSON Schema lets data look like, one step at a time: enough to tell that `{{nicknme}}` can never
 * be in the data. Where a schema leaves something open, any path is allowed.
 */
import { pointerTokens } from './json-pointer.ts';

/** The data at one place, as its schema describes it. */
export class DataShape {
  readonly #root: unknown;
  readonly #alternatives: readonly unknown[];

  /** @param root the whole schema, where `$ref` looks */
  constructor(root: unknown, schemas: readonly unknown[] = [root]) {
    this.#root = root;
    this.#alternatives = schemas.flatMap((schema) => expanded(root, schema, new Set()));
  }

  /** One property of it, or one entry of an array; undefined when the schema has no such thing. */
  property(name: string): DataShape | undefined {
    return this.#step((schema) => {
      if (isOpen(schema)) return [true];
      if (Object.hasOwn(schema.properties ?? {}, name)) return [schema.properties?.[name]];
      if (schema.items !== undefined) return name === 'length' ? [{ type: 'integer' }] : /^\d+$/.test(name) ? [schema.items] : [];
      return isSchema(schema.additionalProperties) ? [schema.additionalProperties] : [];
    });
  }

  /** What `{{#each}}` walks over. */
  element(): DataShape | undefined {
    return this.#step((schema) => {
      if (isOpen(schema)) return [true];
      if (schema.items !== undefined) return [schema.items];
      return [...Object.values(schema.properties ?? {}), ...(isSchema(schema.additionalProperties) ? [schema.additionalProperties] : [])];
    });
  }

  #step(next: (schema: Schema) => unknown[]): DataShape | undefined {
    const schemas = this.#alternatives.flatMap((schema) => next(schema === true ? {} : (schema as Schema)));
    return schemas.length === 0 ? undefined : new DataShape(this.#root, schemas);
  }
}

interface Schema {
  type?: string;
  properties?: Record<string, unknown>;
  items?: unknown;
  additionalProperties?: unknown;
  $ref?: string;
}

/** Says nothing of what it holds, so it may hold anything. */
function isOpen(schema: Schema): boolean {
  return Object.keys(schema).every((key) => key === 'description' || key === 'title');
}

function isSchema(value: unknown): boolean {
  return value === true || (typeof value === 'object' && value !== null);
}

/** A schema with its `$ref` followed and its alternatives laid side by side. */
function expanded(root: unknown, schema: unknown, seen: Set<unknown>): unknown[] {
  if (schema === true) return [true];
  if (typeof schema !== 'object' || schema === null || seen.has(schema)) return [];
  seen.add(schema);
  const { $ref, anyOf = [], oneOf = [], allOf = [], ...own } = schema as Schema & Record<'anyOf' | 'oneOf' | 'allOf', unknown[]>;
  const branches = [...anyOf, ...oneOf, ...allOf, ...($ref?.startsWith('#') ? [at(root, $ref.slice(1))] : [])];
  const inner = branches.flatMap((branch) => expanded(root, branch, seen));
  return branches.length > 0 && isOpen(own) ? inner : [own, ...inner];
}

function at(root: unknown, pointer: string): unknown {
  return pointerTokens(pointer).reduce<unknown>((value, token) => (value as Record<string, unknown> | undefined)?.[token], root);
}
