/**
 * JSON Schema, checked the same way everywhere: Ajv drops nothing, coerces nothing and reports every issue. Fastify's own defaults
 * would drop unknown fields and turn 3 into "3".
 */
import { Ajv, type ErrorObject, type ValidateFunction } from 'ajv';
import formats from 'ajv-formats';
import { IssueList } from './issue-list.ts';
import { ownFormats } from './schema-formats.ts';
import { replaceKeywords } from './schema-keywords.ts';
import { issueOf } from './schema-messages.ts';
import { patternEngine } from './schema-pattern.ts';

/** Checks a value; returns its issues, none when it is valid. */
export type SchemaCheck = (value: unknown) => IssueList;

/**
 * Compiles a JSON Schema for callers that need Ajv's own validator, such as Fastify.
 * @throws when the schema itself is wrong, with Ajv's reason
 */
export function schemaValidator(schema: object): ValidateFunction {
  shared ??= withKeywords(new Ajv(options));
  return shared.compile(schema);
}

/**
 * Compiles a JSON Schema into a check.
 * @throws when the schema itself is wrong, with Ajv's reason
 */
export function checker(schema: object): SchemaCheck {
  return checkOf(schemaValidator(schema));
}

/**
 * The same for a schema of a template, which may be replaced while the process runs: an Ajv keeps all that it has compiled, so this one has
 * its own. Its patterns take no more time than the text is long.
 * @throws when the schema itself is wrong, with Ajv's reason; UnsupportedPattern
 */
export function replaceableChecker(schema: object): SchemaCheck {
  metaSchema ??= new Ajv(options);
  metaSchema.validateSchema(schema, true);
  return checkOf(
    withKeywords(new Ajv({ ...options, meta: false, validateSchema: false, code: { regExp: patternEngine } })).compile(schema),
  );
}

function checkOf(validate: ValidateFunction): SchemaCheck {
  return (value) => issuesOf(validate(value) ? [] : (validate.errors ?? []));
}

const options = {
  removeAdditional: false,
  coerceTypes: false,
  allErrors: true,
  allowUnionTypes: true,
  strict: true,
  strictRequired: false,
  // Errors have the value and its schema, by which messages say what exactly is wrong.
  verbose: true,
} as const;

let shared: Ajv | undefined;

/** Checks that a schema is one: it compiles the schema of schemas once, and keeps no other. */
let metaSchema: Ajv | undefined;

function withKeywords(ajv: Ajv): Ajv {
  replaceKeywords(ajv);
  formats.default(ajv, ['date-time', 'date', 'time', 'uri', 'uuid']);
  for (const [format, { validate }] of Object.entries(ownFormats)) ajv.addFormat(format, { type: 'string', validate });
  return ajv;
}

/** Turns Ajv's errors into issues, one for each thing that a person has to fix. */
export function issuesOf(errors: readonly ErrorObject[]): IssueList {
  const issues = new IssueList();
  for (const error of withoutOtherBranches(errors)) issues.addLazily(() => issueOf(error));
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
