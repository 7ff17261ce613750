/**
 * JSON Schema, checked the same way everywhere: Ajv drops nothing, coerces nothing and reports every issue. Fastify's own defaults
 * would drop unknown fields and turn 3 into "3".
 */
import { Ajv, type ErrorObject, type ValidateFunction } from 'ajv';
import formats from 'ajv-formats';
import { isAddress, parseMailbox } from './address.ts';
import { allowedHeaders, isAllowedHeader } from './mail-headers.ts';
import { parseMediaType } from './media-type.ts';

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
    formats.default(shared, ['date-time', 'date', 'time', 'uri', 'uuid']);
    for (const [format, { validate }] of Object.entries(ownFormats)) shared.addFormat(format, { type: 'string', validate });
  }
  return shared;
}

/** The formats with a check of our own, and what a value must be. A template's schema means the same address as a mail's recipients. */
const ownFormats: Record<string, { validate: (text: string) => boolean; mustBe: string }> = {
  base64: { validate: isBase64, mustBe: 'base64' },
  email: { validate: isAddress, mustBe: 'one plain address such as anne@example.com' },
  'idn-email': { validate: isAddress, mustBe: 'one plain address such as anne@example.com' },
  mailbox: {
    validate: (text) => parseMailbox(text) !== undefined,
    mustBe: 'one address, such as anne@example.com or Anne <anne@example.com>; several are written as a list of strings',
  },
  'media-type': {
    validate: (text) => parseMediaType(text) !== undefined,
    mustBe: 'a media type, such as application/pdf or text/calendar; method=REQUEST; charset=utf-8',
  },
  'header-name': { validate: isAllowedHeader, mustBe: `one of the headers ${allowedHeaders.replaceAll('`', '')}` },
};

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
  // An invalid property name is reported twice: by what is wrong with the name, and by the name. Only a format says what it must be.
  const described = new Set(errors.map(({ keyword, propertyName }) => (keyword === 'format' ? propertyName : undefined)));
  let kept = errors.filter(({ keyword, propertyName, params }) =>
    keyword === 'propertyNames' ? !described.has(params['propertyName']) : propertyName === undefined || keyword === 'format',
  );
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
  if (error.propertyName !== undefined) return `${error.instancePath}/${escapeToken(error.propertyName)}`;
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
      return `must be ${ownFormats[error.params['format']]?.mustBe ?? libraryFormats[error.params['format']] ?? 'in another form'}`;
    case 'pattern':
      return 'has characters that are not allowed here, or the wrong form';
    default:
      return error.message ?? 'is not valid';
  }
}

const libraryFormats: Record<string, string> = {
  'date-time': 'a date and time such as 2026-11-22T09:00:00Z',
  date: 'a date such as 2026-11-22',
  time: 'a time such as 09:00:00Z',
  uri: 'a URI such as https://example.com/',
  uuid: 'a UUID',
};

function escapeToken(token: string): string {
  return token.replaceAll('~', '~0').replaceAll('/', '~1');
}
