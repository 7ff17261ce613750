/** What a field of the form is for: the kind of a value, as its JSON Schema says. */
import { pointerTokens } from '@posthouse/contract';

/** A JSON Schema, as far as the form reads it. */
export interface FieldSchema {
  type?: string | string[];
  enum?: unknown[];
  const?: unknown;
  properties?: Record<string, FieldSchema>;
  required?: string[];
  items?: FieldSchema | FieldSchema[];
  $ref?: string;
  description?: string;
  format?: string;
  pattern?: string;
  minLength?: number;
  maxLength?: number;
  minimum?: number;
  maximum?: number;
  minItems?: number;
  maxItems?: number;
}

/** The kinds of fields. `json` is for what no other kind can show: its text is JSON. */
export type FieldKind = 'string' | 'number' | 'boolean' | 'enum' | 'object' | 'array' | 'json';

/** Levels of nested fields; below, a value is JSON text. */
const maxLevels = 6;

/** A schema with its `$ref` into the same schema resolved. */
export function resolveSchema(root: FieldSchema, schema: FieldSchema | undefined): FieldSchema {
  let found: unknown = schema;
  for (let hops = 0; hops < 10 && typeof found === 'object' && found !== null; hops++) {
    const { $ref } = found as FieldSchema;
    if ($ref === undefined || !$ref.startsWith('#')) return found as FieldSchema;
    found = pointerTokens($ref.slice(1)).reduce<unknown>((value, token) => ownValue(value, token), root);
  }
  return {};
}

/** @param value that the field shows; undefined where there is none */
export function kindOf(schema: FieldSchema, value: unknown, level: number): FieldKind {
  const { type, properties, items } = schema;
  if (Array.isArray(schema.enum) || schema.const !== undefined) return 'enum';
  if (level > maxLevels || typeof type !== 'string') return 'json';
  switch (type) {
    case 'string':
      return value === undefined || typeof value === 'string' ? 'string' : 'json';
    case 'number':
    case 'integer':
      return ['undefined', 'number', 'string'].includes(typeof value) ? 'number' : 'json';
    case 'boolean':
      return value === undefined || typeof value === 'boolean' ? 'boolean' : 'json';
    case 'object':
      return properties !== undefined && (value === undefined || isObject(value)) ? 'object' : 'json';
    case 'array':
      return isObject(items) && (value === undefined || Array.isArray(value)) ? 'array' : 'json';
    default:
      return 'json';
  }
}

/** A value that a new entry of a list begins with. */
export function emptyValue(root: FieldSchema, schema: FieldSchema, level = 0): unknown {
  const { properties = {}, required = [], minimum = 0, ...rest } = resolveSchema(root, schema);
  switch (kindOf({ properties, ...rest }, undefined, level)) {
    case 'enum':
      return rest.const ?? rest.enum?.[0];
    case 'number':
      return minimum;
    case 'boolean':
      return false;
    case 'array':
      return [];
    case 'object':
      return Object.fromEntries(required.map((name) => [name, emptyValue(root, properties[name] ?? {}, level + 1)]));
    default:
      return '';
  }
}

/** An own property of an object or an array; undefined if there is none. */
export function ownValue(parent: unknown, name: string): unknown {
  return typeof parent === 'object' && parent !== null && Object.hasOwn(parent, name)
    ? (parent as Record<string, unknown>)[name]
    : undefined;
}

/** An object that is no list. */
export function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
