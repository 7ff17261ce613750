/**
 * Ajv's keywords, so that an invalid value costs no more than a valid one. With `allErrors`, Ajv looks at every item of a list that is
 * too long and at every character of a text that is too long, reports every unknown field, and compares all items of `uniqueItems` in pairs.
 */
import { _, type Ajv, type AnySchemaObject, type Code, type CodeKeywordDefinition, type KeywordCxt } from 'ajv';
import { canonicalJson } from './canonical-json.ts';
import { limits } from './limits.ts';

/** What must be true of a value before a keyword looks at its items, characters or names; undefined where the schema sets no bound. */
type Bound = (cxt: KeywordCxt) => Code | undefined;

/** In UTF-16 units, of which a character has at most two: counting characters would look at all of them. */
const length: Bound = ({ data, parentSchema: { maxLength } }) =>
  maxLength === undefined ? undefined : _`${data}.length <= ${2 * maxLength}`;

const items: Bound = ({ data, parentSchema: { maxItems } }) => (maxItems === undefined ? undefined : _`${data}.length <= ${maxItems}`);

const properties: Bound = ({ data, parentSchema: { maxProperties } }) =>
  maxProperties === undefined ? undefined : _`Object.keys(${data}).length <= ${maxProperties}`;

const boundedKeywords: Record<string, Bound> = {
  pattern: length,
  format: length,
  items,
  contains: items,
  patternProperties: properties,
  propertyNames: properties,
  additionalProperties: (cxt) => properties(cxt) ?? unknownFields(cxt),
};

/** Of more unknown fields than can be listed, none is. */
const unknownFields: Bound = ({ data, schema, parentSchema }) =>
  schema === false && parentSchema['patternProperties'] === undefined
    ? _`Object.keys(${data}).length <= ${Object.keys(parentSchema['properties'] ?? {}).length + limits.issues}`
    : undefined;

/** Replaces keywords of this Ajv, which must have `allErrors` set. */
export function replaceKeywords(ajv: Ajv): void {
  for (const [keyword, boundOf] of Object.entries(boundedKeywords)) bound(ajv, keyword, boundOf);
  ajv.removeKeyword('uniqueItems');
  ajv.addKeyword({
    keyword: 'uniqueItems',
    type: 'array',
    schemaType: 'boolean',
    validate: (isUnique: boolean, list: unknown[], { maxItems = Number.MAX_VALUE }: AnySchemaObject = {}) =>
      !isUnique || list.length > maxItems || new Set(list.map(canonicalJson)).size === list.length,
    error: { message: 'must not have the same item twice' },
  });
}

/** One error for more unknown fields than can be listed. The other bounds are keywords, which report themselves. */
function reportUnknownFields(cxt: KeywordCxt): void {
  if (cxt.keyword !== 'additionalProperties' || properties(cxt) !== undefined) return;
  cxt.setParams({ additionalProperty: _`undefined` });
  cxt.error();
}

/** Ajv copies the definition for each instance, so that others are not changed; as long as it stays the same object, errors keep their order. */
function bound(ajv: Ajv, keyword: string, boundOf: Bound): void {
  const definition = ajv.getKeyword(keyword) as CodeKeywordDefinition;
  const original = definition.code;
  definition.code = (cxt, type) => {
    const condition = boundOf(cxt);
    // Without `allErrors`, as inside `not`, validation ends at the first error, which is that of the bound.
    if (condition === undefined || !cxt.it.allErrors) original(cxt, type);
    else
      cxt.gen.if(
        condition,
        () => original(cxt, type),
        () => reportUnknownFields(cxt),
      );
  };
}
