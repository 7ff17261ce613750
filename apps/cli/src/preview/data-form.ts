/**
 * The form of a mail's data as the browser sends it. Each field is named by its kind and a JSON pointer: `number:/items/0/price`. A `?` after
 * the kind means that the value may be missing: then an empty field is one. What is typed is never corrected: the API's check says what
 * is wrong with it.
 */
import { limits, pointerTokens } from '@posthouse/contract';
import { emptyValue, type FieldSchema, isObject, ownValue, resolveSchema } from './schema-field.ts';

/** Entries of one list. */
const maxEntries = 1000;

/** The data that a form says. @param form its fields in their order, and at most one `add` or `remove` with the pointer of a list or an entry */
export function dataOfForm(form: URLSearchParams, schema: FieldSchema): Record<string, unknown> {
  const data: Record<string, unknown> = {};
  const optionalObjects: string[] = [];
  for (const [name, text] of form) {
    const [, kind = '', optional, pointer = ''] = /^(string|number|boolean|enum|object|array|json)(\??):(\/.*)$/s.exec(name) ?? [];
    if (kind === '') continue;
    const value = fieldValue(kind, text);
    if (optional && (text === '' || (kind === 'array' && text === '0'))) {
      if (kind !== 'object') continue;
      optionalObjects.push(pointer);
    }
    if (value !== undefined) setValue(data, pointer, value);
  }
  for (const pointer of optionalObjects.reverse()) removeIfEmpty(data, pointer);
  addEntry(data, form.get('add'), schema);
  removeEntry(data, form.get('remove'));
  return data;
}

/** @returns undefined where no value was chosen */
function fieldValue(kind: string, text: string): unknown {
  switch (kind) {
    case 'string':
      // A browser sends line breaks as CR LF.
      return text.replaceAll('\r\n', '\n');
    case 'number':
      return /^-?(?:0|[1-9]\d*)(?:\.\d+)?(?:e[+-]?\d+)?$/i.test(text.trim()) ? Number(text) : text;
    case 'object':
      return {};
    case 'array':
      return Array.from({ length: Math.min(Number(text) || 0, maxEntries) });
    default:
      return text === '' ? undefined : jsonOrText(text);
  }
}

function jsonOrText(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

/** Sets an own property, whatever its name. An object in which it would be is there already: its field comes first. */
function setValue(data: unknown, pointer: string, value: unknown): void {
  const tokens = pointerTokens(pointer);
  const name = tokens.pop() ?? '';
  const parent = tokens.length > limits.nesting ? undefined : tokens.reduce(ownValue, data);
  if (Array.isArray(parent) ? !Object.hasOwn(parent, name) : !isObject(parent)) return;
  Object.defineProperty(parent, name, { value, enumerable: true, writable: true, configurable: true });
}

/** An optional object in which nothing was typed is missing. */
function removeIfEmpty(data: unknown, pointer: string): void {
  const tokens = pointerTokens(pointer);
  const name = tokens.pop() ?? '';
  const parent = tokens.reduce(ownValue, data);
  const value = ownValue(parent, name);
  if (isObject(parent) && isObject(value) && Object.values(value).every((inner) => inner === '')) delete parent[name];
}

function addEntry(data: Record<string, unknown>, pointer: string | null, schema: FieldSchema): void {
  if (pointer === null) return;
  let list = pointerTokens(pointer).reduce<unknown>(ownValue, data);
  if (list === undefined) {
    list = [];
    setValue(data, pointer, list);
  }
  if (!Array.isArray(list) || list.length >= maxEntries) return;
  const last = list.at(-1);
  const items = pointerTokens(pointer).reduce((inner, token) => {
    const { properties, items: entry } = resolveSchema(schema, inner);
    return (Array.isArray(entry) ? {} : entry) ?? properties?.[token] ?? {};
  }, schema);
  const { items: entry } = resolveSchema(schema, items);
  list.push(last === undefined ? emptyValue(schema, Array.isArray(entry) ? {} : (entry ?? {})) : structuredClone(last));
}

function removeEntry(data: Record<string, unknown>, pointer: string | null): void {
  if (pointer === null) return;
  const tokens = pointerTokens(pointer);
  const index = Number(tokens.pop());
  const list = tokens.reduce<unknown>(ownValue, data);
  if (Array.isArray(list)) list.splice(index, 1);
}
