/**
 * JSON Schema, checked the same way everywhere: Ajv drops nothing, coerces nothing and reports every issue. Fastify's own defaults
 * would drop unknown fields and turn 3 into "3".
 */
import { Ajv, type ErrorObject, type ValidateFunction } from 'ajv';
import formats from 'ajv-formats';
import { isAddress, parseMailbox } from './address.ts';
import { IssueList, pointerTo } from './issue-list.ts';
import { allowedHeaders, isAllowedHeader } from './mail-headers.ts';
import { parseMediaType } from './media-type.ts';
import { replaceKeywords } from './schema-keywords.ts';

/** Checks a value; returns its issues, none when it is valid. */
export type SchemaCheck = (value: unknown) => IssueList;

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
  return (value) => issuesOf(validate(value) ? [] : (validate.errors ?? []));
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
    replaceKeywords(shared);
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
  text: { validate: isText, mustBe: 'Unicode text without NUL (U+0000) and without half of a surrogate pair' },
  line: {
    validate: (text) => isText(text) && withoutControls.test(text),
    mustBe: 'one line of Unicode text, without line breaks and other control characters',
  },
  'file-name': {
    validate: (text) => isText(text) && withoutControls.test(text) && !/[/\\]/.test(text),
    mustBe: 'a file name without a path: no slash, no backslash, no line breaks and other control characters',
  },
  'page-size': { validate: (text) => /^(?:100|[1-9][0-9]?)$/.test(text), mustBe: 'a whole number from 1 to 100' },
  'header-name': { validate: isAllowedHeader, mustBe: `one of the headers ${allowedHeaders.replaceAll('`', '')}` },
};

const asciiControls = '\\u0000-\\u001f\\u007f';

const withoutControls = new RegExp(`^[^${asciiControls}]*$`);

/** What UTF-8 and every mail program can represent. Neither check takes longer than a pass over the text. */
function isText(text: string): boolean {
  return !text.includes('\0') && text.isWellFormed();
}

/** RFC 4648 section 4 with its padding. A regular expression over 33 MB would be as strict and slower. */
function isBase64(text: string): boolean {
  if (text.length % 4 !== 0) return false;
  const padding = text.endsWith('==') ? 2 : text.endsWith('=') ? 1 : 0;
  return !/[^A-Za-z0-9+/]/.test(padding === 0 ? text : text.slice(0, -padding));
}

/** Turns Ajv's errors into issues, one for each thing that a person has to fix. */
export function issuesOf(errors: readonly ErrorObject[]): IssueList {
  const issues = new IssueList();
  for (const error of withoutOtherBranches(errors)) issues.addLazily(() => ({ pointer: pointerOf(error), message: messageOf(error) }));
  return issues;
}

/**
 * Of an `anyOf` or `oneOf`, only the errors of the branch that the caller meant are kept: the one whose type matches. Where no type
 * matches, or more than one branch of a `oneOf` does, only the error of the union itself is kept.
 *
 * Ajv reports the errors of the branches right before that of the union, so one pass is enough: an error is looked at once more for
 * each union that it is nested in.
 */
function withoutOtherBranches(errors: readonly ErrorObject[]): ErrorObject[] {
  // An invalid property name is reported twice: by what is wrong with the name, and by the name. Only a format says what it must be.
  const described = new Set(errors.map(({ keyword, propertyName }) => (keyword === 'format' ? propertyName : undefined)));
  const kept: ErrorObject[] = [];
  for (const error of errors) {
    const { keyword, propertyName, params } = error;
    if (keyword === 'propertyNames' ? described.has(params['propertyName']) : propertyName !== undefined && keyword !== 'format') continue;
    if (isUnion(error)) kept.push(...resolveUnion(error, takeWithin(kept, error.instancePath)));
    else kept.push(error);
  }
  return kept;
}

function isUnion({ keyword }: ErrorObject): boolean {
  return keyword === 'anyOf' || keyword === 'oneOf';
}

/** Removes from the end of the list the errors that are about this value or a part of it. */
function takeWithin(errors: ErrorObject[], path: string): ErrorObject[] {
  const parts = `${path}/`;
  let start = errors.length;
  while (start > 0 && `${errors[start - 1]?.instancePath}/`.startsWith(parts)) start -= 1;
  return errors.splice(start);
}

/** @param before the errors about the same value that were reported before that of the union; some may be of other keywords */
function resolveUnion(union: ErrorObject, before: readonly ErrorObject[]): ErrorObject[] {
  const branchOf = ({ schemaPath }: ErrorObject) =>
    schemaPath.startsWith(`${union.schemaPath}/`) ? schemaPath.slice(union.schemaPath.length + 1).split('/', 1)[0] : undefined;
  const others = new Set<string | undefined>();
  for (const error of before) {
    if ((error.keyword === 'type' || isUnion(error)) && error.instancePath === union.instancePath) others.add(branchOf(error));
  }
  const matchesSeveral = Boolean(union.params['passingSchemas']);
  const kept = before.filter((error) => {
    const branch = branchOf(error);
    return branch === undefined || !(matchesSeveral || others.has(branch));
  });
  const isDescribed = kept.some((error) => branchOf(error) !== undefined);
  return isDescribed ? kept : [...kept, union];
}

function pointerOf(error: ErrorObject): string {
  const named = error.keyword === 'additionalProperties' ? error.params['additionalProperty'] : error.params['missingProperty'];
  if (error.propertyName !== undefined) return `${error.instancePath}${pointerTo([error.propertyName])}`;
  if (error.keyword === 'propertyNames') return `${error.instancePath}${pointerTo([error.params['propertyName']])}`;
  return named === undefined ? error.instancePath : `${error.instancePath}${pointerTo([named])}`;
}

function messageOf(error: ErrorObject): string {
  switch (error.keyword) {
    case 'additionalProperties':
      return error.params['additionalProperty'] === undefined ? 'has too many unknown fields' : 'is not a known field';
    case 'uniqueItems':
      return 'must not have the same item twice';
    case 'required':
      return 'is missing';
    case 'enum':
      return `must be one of: ${(error.params['allowedValues'] as unknown[]).join(', ')}`;
    case 'anyOf':
      return 'has the wrong type';
    case 'oneOf':
      return error.params['passingSchemas'] ? 'fits more than one of the allowed forms' : 'has the wrong type';
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
