/**
 * JSON Schema, checked the same way everywhere: Ajv drops nothing, coerces nothing and reports every issue. Fastify's own defaults
 * would drop unknown fields and turn 3 into "3".
 */
import { Ajv, type ErrorObject, type ValidateFunction } from 'ajv';
import formats from 'ajv-formats';

/** One thing that is wrong with what a caller sent, and where. */
export interface Issue {
  /** JSON pointer (RFC 6901) into what the caller sent; '' is the whole of it. */
  pointer: string;
  /** What is wrong and how to fix it; never the offending value, which may be an address or a secret. */
  message: string;
}

/** Checks a value; returns its issues, none when it is valid. */
export type SchemaCheck = (value: unknown) => Issue[];

/**
 * Compiles a JSON Schema for callers that need Ajv's own validator, such as Fastify.
 * @throws when the schema itself is wrong, with Ajv's reason
 */
export function schemaValidator(schema: object): ValidateFunction {
  return ajv().compile(schema);
}

/**
 * Compiles a JSON Schema into a check.
 * @throws when the schema itself is wrong, with Ajv's reason
 */
export function checker(schema: object): SchemaCheck {
  const validate = schemaValidator(schema);
  return (value) => (validate(value) ? [] : issuesOf(validate.errors ?? []));
}

let shared: Ajv | undefined;

function ajv(): Ajv {
  if (shared === undefined) {
    shared = new Ajv({
      removeAdditional: false,
      coerceTypes: false,
      allErrors: true,
      allowUnionTypes: true,
      strict: true,
      strictRequired: false,
    });
    formats.default(shared, ['date-time', 'date', 'time', 'email', 'uri', 'uuid']);
    shared.addFormat('base64', { type: 'string', validate: isBase64 });
  }
  return shared;
}

/** RFC 4648 section 4 with its padding. A regular expression over 33 MB would be as strict and slower. */
function isBase64(text: string): boolean {
  if (text.length % 4 !== 0) return false;
  const padding = text.endsWith('==') ? 2 : text.endsWith('=') ? 1 : 0;
  return !/[^A-Za-z0-9+/]/.test(padding === 0 ? text : text.slice(0, -padding));
}

/** Turns Ajv's errors into issues, one for each thing that a person has to fix. */
export function issuesOf(errors: readonly ErrorObject[]): Issue[] {
  const issues = new Map<string, Issue>();
  for (const error of withoutOtherBranches(errors)) {
    const issue = { pointer: pointerOf(error), message: messageOf(error) };
    issues.set(`${issue.pointer}\n${issue.message}`, issue);
  }
  return [...issues.values()];
}

/**
 * Of an `anyOf`, only the errors of the branch that the caller meant are kept: the one whose type matches.
 * Where no type matches, only the error of the `anyOf` itself is kept. Ajv reports inner unions before outer ones, so one pass is enough.
 */
function withoutOtherBranches(errors: readonly ErrorObject[]): ErrorObject[] {
  // An invalid property name is reported twice: by what is wrong with the name, and by the name.
  let kept = errors.filter((error) => error.propertyName === undefined);
  for (const union of errors.filter((error) => error.keyword === 'anyOf')) {
    const inside = kept.filter((error) => error !== union && error.schemaPath.startsWith(`${union.schemaPath}/`));
    const branches = new Map<string, ErrorObject[]>();
    for (const error of inside) {
      const branch = error.schemaPath.slice(union.schemaPath.length + 1).split('/')[0] ?? '';
      branches.set(branch, [...(branches.get(branch) ?? []), error]);
    }
    const isOther = (branch: ErrorObject[]) =>
      branch.some((error) => (error.keyword === 'type' || error.keyword === 'anyOf') && error.instancePath === union.instancePath);
    const others = [...branches.values()].filter(isOther).flat();
    const meant = inside.length > others.length;
    kept = kept.filter((error) => !others.includes(error) && !(meant && error === union));
  }
  return kept;
}

function pointerOf(error: ErrorObject): string {
  const named = error.keyword === 'additionalProperties' ? error.params['additionalProperty'] : error.params['missingProperty'];
  if (error.keyword === 'propertyNames') return `${error.instancePath}/${escapeToken(String(error.params['propertyName']))}`;
  return named === undefined ? error.instancePath : `${error.instancePath}/${escapeToken(String(named))}`;
}

function messageOf(error: ErrorObject): string {
  switch (error.keyword) {
    case 'additionalProperties':
      return 'is not a known field';
    case 'required':
      return 'is missing';
    case 'enum':
      return `must be one of: ${(error.params['allowedValues'] as unknown[]).join(', ')}`;
    case 'anyOf':
      return 'has the wrong type';
    case 'propertyNames':
      return 'is not an allowed name';
    case 'format':
      return `must be ${formatNames[String(error.params['format'])] ?? `a valid ${String(error.params['format'])}`}`;
    case 'pattern':
      return patternMessage(error);
    default:
      return error.message ?? 'is not valid';
  }
}

const formatNames: Record<string, string> = {
  base64: 'base64',
  'date-time': 'a date and time such as 2026-11-22T09:00:00Z',
  date: 'a date such as 2026-11-22',
};

function patternMessage(error: ErrorObject): string {
  const described = (error.parentSchema as { description?: string } | undefined)?.description;
  if (/address$|\/(to|cc|bcc|replyTo|from)(\/\d+)?$/.test(error.instancePath))
    return 'must be one plain address such as anne@example.com; a name goes in { name, address }';
  return described === undefined ? 'has characters that are not allowed here, or the wrong form' : `has the wrong form: ${described}`;
}

function escapeToken(token: string): string {
  return token.replaceAll('~', '~0').replaceAll('/', '~1');
}
