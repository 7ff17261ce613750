/**
 * Data that a layout breaks with, made from the first sample of a template and its schema: the longest texts, texts from right to left, emoji,
 * empty lists, long lists, and nothing that is optional. What the schema does not allow is left as the sample has it.
 */
import { type IssueList, pointerTokens } from '@posthouse/contract';
import { type FieldSchema, isObject, kindOf, ownValue, resolveSchema } from './schema-field.ts';

/** The names of the hard cases, as they stand in URLs, each with its label. */
export const hardCases = {
  '~longest': 'Longest texts',
  '~right-to-left': 'Right to left',
  '~emoji': 'Emoji',
  '~empty-list': 'Empty lists',
  '~50-rows': '50 rows',
  '~required-only': 'Required only',
} as const;

/** Name of a hard case. */
export type HardCase = keyof typeof hardCases;

/** The length of a text that has no limit. */
const unlimitedLength = 300;
const rowCount = 50;
const rightToLeft = 'مرحبًا بك في منزلك اليوم، نتمنى لك وقتًا سعيدًا ';
const emoji = '👩‍👩‍👧‍👦 🏳️‍🌈 🧑🏽‍🚀 🇰🇷 ';
const longText = 'Donaudampfschifffahrtsgesellschaftskapitänswitwe und ihre Nachbarinnen ';

/** What the data of a template has to pass. */
export interface DataRules {
  check(data: unknown): IssueList;
  /** @throws where the template does not render with the data */
  render(data: object): void;
}

/** Makes a value of a text, a number or a list; undefined leaves it as it is. */
type Change = (value: unknown, schema: FieldSchema) => unknown;

/**
 * The data of a hard case.
 *
 * @param sample that it is made from
 * @returns undefined where it would not differ from the sample
 */
export function hardCase(
  name: HardCase,
  schema: FieldSchema,
  sample: Record<string, unknown>,
  rules: DataRules,
): Record<string, unknown> | undefined {
  const change = changes[name];
  const changed = changeValue(schema, schema, sample, change, 0) as Record<string, unknown>;
  const data = name === '~required-only' ? requiredOnly(schema, schema, changed) : changed;
  const valid = withRendering(withValid(data as Record<string, unknown>, sample, rules), sample, rules);
  return JSON.stringify(valid) === JSON.stringify(sample) ? undefined : valid;
}

const changes: Readonly<Record<HardCase, Change>> = {
  '~longest': (value, { maxLength = unlimitedLength, format, maximum }) => {
    if (typeof value === 'number') return maximum ?? (Number.isInteger(value) ? 999_999_999 : 9_999_999.99);
    if (typeof value !== 'string') return undefined;
    if (format === 'uri') return `${value}${value.includes('?') ? '&' : '?'}long=`.padEnd(Math.min(maxLength, unlimitedLength), 'x');
    return filled(longText, maxLength);
  },
  '~right-to-left': text(rightToLeft),
  '~emoji': text(emoji),
  '~empty-list': (value, { minItems = 0 }) => (Array.isArray(value) ? value.slice(0, minItems) : undefined),
  '~50-rows': (value, { maxItems = rowCount }) =>
    Array.isArray(value) && value.length > 0
      ? Array.from({ length: Math.max(value.length, Math.min(rowCount, maxItems)) }, (_, index) =>
          structuredClone(value[index % value.length]),
        )
      : undefined,
  '~required-only': () => undefined,
};

/** As long as the text that it replaces, and at least one repetition. */
function text(sample: string): Change {
  return (value, { maxLength = unlimitedLength }) =>
    typeof value === 'string' ? filled(sample, Math.min(maxLength, Math.max(value.length, sample.length - 1))) : undefined;
}

/** Repeats a text up to a length. A character is never cut in two: JSON Schema counts code points. */
function filled(sample: string, length: number): string {
  const points = [...sample];
  return Array.from({ length }, (_, index) => points[index % points.length])
    .join('')
    .trim();
}

function changeValue(root: FieldSchema, given: FieldSchema | undefined, value: unknown, change: Change, level: number): unknown {
  const schema = resolveSchema(root, given);
  const changed = change(value, schema) ?? value;
  switch (kindOf(schema, changed, level)) {
    case 'object':
      return Object.fromEntries(
        Object.entries(changed as object).map(([name, inner]) => [
          name,
          changeValue(root, schema.properties?.[name], inner, change, level + 1),
        ]),
      );
    case 'array':
      return (changed as unknown[]).map((inner) =>
        changeValue(root, Array.isArray(schema.items) ? {} : schema.items, inner, change, level + 1),
      );
    case 'string':
    case 'number':
      return changed;
    default:
      return value;
  }
}

function requiredOnly(root: FieldSchema, given: FieldSchema | undefined, value: unknown): unknown {
  const { properties = {}, required = [], items } = resolveSchema(root, given);
  if (Array.isArray(value)) return value.map((inner) => requiredOnly(root, Array.isArray(items) ? {} : items, inner));
  if (!isObject(value)) return value;
  return Object.fromEntries(
    Object.entries(value)
      .filter(([name]) => required.includes(name))
      .map(([name, inner]) => [name, requiredOnly(root, properties[name], inner)]),
  );
}

/** Puts the sample's value back where the schema does not allow the one that was made. */
function withValid(data: Record<string, unknown>, sample: Record<string, unknown>, { check }: DataRules): Record<string, unknown> {
  const copy = structuredClone(data);
  for (const { pointer } of check(copy)) {
    const tokens = pointerTokens(pointer);
    const name = tokens.pop() ?? '';
    const parent = tokens.reduce<unknown>(ownValue, copy);
    // A row that was made has no counterpart in the sample but the first one.
    const original = [...tokens, name].reduce<unknown>(
      (value, token) => ownValue(value, token) ?? (Array.isArray(value) ? value[0] : undefined),
      sample,
    );
    if (isObject(parent) || Array.isArray(parent)) Object.assign(parent, { [name]: original });
  }
  return check(copy).length === 0 ? copy : sample;
}

/** A text may be more than its schema says, such as the name of a time zone: then one field is as the sample has it. */
function withRendering(data: Record<string, unknown>, sample: Record<string, unknown>, { render }: DataRules): Record<string, unknown> {
  const renders = (candidate: object) => {
    try {
      render(candidate);
      return true;
    } catch {
      return false;
    }
  };
  if (renders(data)) return data;
  const repaired = Object.keys(data).map((name) => (name in sample ? { ...data, [name]: sample[name] } : data));
  return repaired.find(renders) ?? data;
}
