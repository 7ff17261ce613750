/** Ajv's errors as issues: where, what is wrong and how to fix it, in English, with a code. */
import type { ErrorObject } from 'ajv';
import { type Issue, type IssueCode, pointerTo } from './issue-list.ts';
import { describeFormat, explainFormat } from './schema-formats.ts';
import { similarName } from './similar-name.ts';

/** How many names a message lists. */
const maxListed = 20;

/** @param error of an Ajv with the option `verbose`, so that it has the value and the schema */
export function issueOf(error: ErrorObject): Issue {
  return { pointer: pointerOf(error), message: messageOf(error), code: codes[error.keyword] ?? 'not-allowed' };
}

const codes: Readonly<Record<string, IssueCode>> = {
  required: 'missing',
  additionalProperties: 'unknown-field',
  propertyNames: 'unknown-field',
  type: 'wrong-type',
  anyOf: 'wrong-type',
  oneOf: 'wrong-type',
  format: 'wrong-format',
  pattern: 'wrong-format',
  uniqueItems: 'duplicate',
  minLength: 'out-of-range',
  maxLength: 'out-of-range',
  minItems: 'out-of-range',
  maxItems: 'out-of-range',
  minProperties: 'out-of-range',
  maxProperties: 'out-of-range',
  minimum: 'out-of-range',
  maximum: 'out-of-range',
  exclusiveMinimum: 'out-of-range',
  exclusiveMaximum: 'out-of-range',
};

function pointerOf(error: ErrorObject): string {
  const named = error.keyword === 'additionalProperties' ? error.params['additionalProperty'] : error.params['missingProperty'];
  if (error.propertyName !== undefined) return `${error.instancePath}${pointerTo([error.propertyName])}`;
  if (error.keyword === 'propertyNames') return `${error.instancePath}${pointerTo([error.params['propertyName']])}`;
  return named === undefined ? error.instancePath : `${error.instancePath}${pointerTo([named])}`;
}

function messageOf(error: ErrorObject): string {
  const { params } = error;
  const limit: unknown = params['limit'];
  switch (error.keyword) {
    case 'additionalProperties':
      return params['additionalProperty'] === undefined ? 'has too many unknown fields' : unknownField(error);
    case 'uniqueItems':
      return 'must not have the same item twice';
    case 'required':
      return 'is missing';
    case 'enum':
      return `must be one of: ${(params['allowedValues'] as unknown[]).join(', ')}`;
    case 'type':
      return typeMessage(error, [params['type']].flat());
    case 'anyOf':
      return typeMessage(error, typesOf(error.parentSchema));
    case 'oneOf':
      return params['passingSchemas'] ? 'fits more than one of the allowed forms' : typeMessage(error, typesOf(error.parentSchema));
    case 'propertyNames':
      return 'is not an allowed name';
    case 'format':
      return explainFormat(params['format'], String(error.data));
    case 'pattern':
      return `has characters that are not allowed here, or the wrong form: it must match ${params['pattern']}`;
    case 'minLength':
    case 'minItems':
    case 'minProperties':
      return limit === 1 ? 'must not be empty' : `must have at least ${limit} ${unitOf(error)}`;
    case 'maxLength':
    case 'maxItems':
    case 'maxProperties':
      return `must have at most ${limit} ${unitOf(error)}`;
    case 'minimum':
      return `must be at least ${limit}`;
    case 'maximum':
      return `must be at most ${limit}`;
    default:
      return error.message ?? 'is not valid';
  }
}

function unitOf({ keyword }: ErrorObject): string {
  return keyword.endsWith('Length') ? 'characters' : keyword.endsWith('Items') ? 'items' : 'fields';
}

function unknownField({ params, parentSchema }: ErrorObject): string {
  const known = Object.keys(parentSchema?.['properties'] ?? {});
  const meant = similarName(params['additionalProperty'], known);
  if (meant !== undefined) return `is not a known field; did you mean \`${meant}\`?`;
  return known.length > 0 && known.length <= maxListed ? `is not a known field; known are: ${known.join(', ')}` : 'is not a known field';
}

function typeMessage({ data, parentSchema }: ErrorObject, types: readonly string[]): string {
  const names = [...new Set(types)].map((type) => typeNames[type] ?? type);
  if (names.length === 0) return 'has the wrong type';
  const last = names.pop() as string;
  const allowed = names.length === 0 ? last : `${names.join(', ')} or ${last}`;
  const format: string | undefined = parentSchema?.['format'];
  return `must be ${allowed}, not ${typeNameOf(data)}${format === undefined ? '' : `: ${describeFormat(format)}`}`;
}

const typeNames: Readonly<Record<string, string>> = {
  string: 'a string',
  number: 'a number',
  integer: 'a whole number',
  boolean: 'true or false',
  object: 'an object',
  array: 'a list',
};

function typeNameOf(value: unknown): string {
  const type = value === null ? 'null' : Array.isArray(value) ? 'array' : typeof value;
  return type === 'boolean' ? String(value) : (typeNames[type] ?? type);
}

/** The types of a union's branches, at any depth. */
function typesOf(schema: unknown): string[] {
  const { type, anyOf, oneOf } = (schema ?? {}) as { type?: string | string[]; anyOf?: unknown[]; oneOf?: unknown[] };
  return [...(type === undefined ? [] : [type].flat()), ...[...(anyOf ?? []), ...(oneOf ?? [])].flatMap(typesOf)];
}
