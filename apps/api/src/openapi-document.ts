/**
 * The OpenAPI document as generators of clients read it. Fastify describes the routes by the schemas that check them; those say more than
 * OpenAPI 3.0 has words for, which is the version that generators for every language know. So formats of our own become patterns that every
 * regular-expression engine compiles, schemas with a name become components, and each route has examples.
 */
import { mailStates } from '@posthouse/contract';
import { examples, problemExample } from './openapi-examples.ts';

type Json = Readonly<Record<string, unknown>>;

interface Document {
  paths?: Record<string, Record<string, Operation>>;
  components?: { schemas?: Record<string, Json> };
}

interface Operation {
  operationId?: string;
  parameters?: { name: string; in: string; schema?: Json; style?: string; explode?: boolean }[];
  requestBody?: { required?: boolean; content: Record<string, MediaType> };
  responses: Record<string, { content?: Record<string, MediaType> }>;
}

interface MediaType {
  schema?: Json;
  example?: unknown;
}

/** Formats of our own, in the words of OpenAPI. A pattern is wider than the check: what it refuses, the API refuses too. */
const publicFormats: Readonly<Record<string, Json>> = {
  mailbox: { format: 'mailbox', pattern: '^.+@.+$' },
  'idn-email': { format: 'idn-email', pattern: '^[^@ ]+@[^@ ]+$' },
  base64: { format: 'byte' },
  line: { pattern: '^[^\\x00-\\x1f\\x7f]*$' },
  'display-name': { pattern: '^[^\\x00-\\x1f\\x7f]*$' },
  'file-name': { pattern: '^[^\\x00-\\x1f\\x7f/\\\\]+$' },
  'media-type': { pattern: '^[^/; ]+/[^/; ]+ *(;.*)?$' },
  'content-id': { pattern: '^[A-Za-z0-9._@-]+$' },
  locale: { pattern: '^([A-Za-z]{2,3}([-_][A-Za-z0-9]{1,8})*)?$' },
  tag: { pattern: '^[\\x21-\\x7e]+$' },
  text: {},
};

/** Query parameters are text in a URL, and values to a client. */
const parameterTypes: Readonly<Record<string, Json>> = {
  limit: { type: 'integer', minimum: 1, maximum: 100, default: 50 },
  content: { type: 'boolean', default: false },
  state: { type: 'array', items: { type: 'string', enum: mailStates }, maxItems: mailStates.length },
  from: { type: 'string', format: 'date-time' },
  to: { type: 'string', format: 'date-time' },
};

/** Describes the API to generators. @param described what Fastify makes of the routes; not changed */
export function publicDocument<T extends object>(described: T): T {
  const document = structuredClone(described) as Document;
  const components = new Map<string, Json>();
  const convert = (schema: Json) => convertSchema(schema, components);
  for (const [name, schema] of Object.entries(document.components?.schemas ?? {})) convert({ ...schema, title: name });
  for (const operation of Object.values(document.paths ?? {}).flatMap((path) => Object.values(path))) {
    for (const parameter of operation.parameters ?? []) {
      const type = parameter.in === 'query' ? parameterTypes[parameter.name] : undefined;
      parameter.schema = type ?? convert(parameter.schema ?? {});
    }
    const bodies = [operation.requestBody?.content, ...Object.values(operation.responses).map(({ content }) => content)];
    for (const media of bodies.flatMap((content) => Object.values(content ?? {}))) {
      if (media.schema !== undefined) media.schema = convert(media.schema);
    }
    // No field is required, so no body is either.
    const body = operation.requestBody?.content['application/json']?.schema;
    const named = components.get(String(body?.['$ref']).split('/').at(-1) as string);
    if (operation.requestBody !== undefined && named?.['required'] === undefined) operation.requestBody.required = false;
    addExamples(operation);
  }
  const sorted = [...components].sort(([a], [b]) => (a < b ? -1 : 1));
  document.components = { ...document.components, schemas: Object.fromEntries(sorted) };
  return document as T;
}

/** @returns the schema in OpenAPI 3.0; a reference where it has a name, under which it is then in the components */
function convertSchema(schema: Json, components: Map<string, Json>): Json {
  const { $id: _id, title, format, anyOf, propertyNames: _names, ...rest } = schema;
  const converted: Record<string, unknown> = { ...rest };
  if (Array.isArray(rest['enum']) && rest['type'] === undefined) converted['type'] = 'string';
  if (typeof format === 'string') Object.assign(converted, publicFormats[format] ?? { format });
  if (Array.isArray(anyOf)) Object.assign(converted, convertUnion(anyOf, components));
  for (const [keyword, value] of Object.entries(rest)) {
    if (keyword === 'properties')
      converted[keyword] = Object.fromEntries(
        Object.entries(value as Record<string, Json>).map(([name, inner]) => [name, convertSchema(inner, components)]),
      );
    else if (keyword === 'items' || (keyword === 'additionalProperties' && typeof value === 'object'))
      converted[keyword] = convertSchema(value as Json, components);
  }
  return typeof title === 'string' ? component(title, converted, components) : converted;
}

function convertUnion(branches: readonly Json[], components: Map<string, Json>): Json {
  const isNullable = branches.some(({ type }) => type === 'null');
  // A union inside a union is one to the reader; where it has a name, it stays a component too.
  const flat = branches.flatMap((branch) => {
    const inner = branch['anyOf'];
    if (inner !== undefined) convertSchema(branch, components);
    return Array.isArray(inner) ? (inner as Json[]) : [branch];
  });
  const others = flat.filter(({ type }) => type !== 'null').map((branch) => convertSchema(branch, components));
  return { ...(others.length === 1 ? others[0] : { anyOf: others }), ...(isNullable && { nullable: true }) };
}

/** @throws Error where two different schemas have the same name */
function component(name: string, schema: Json, components: Map<string, Json>): Json {
  const known = components.get(name);
  if (known !== undefined && JSON.stringify(known) !== JSON.stringify(schema)) throw new Error(`Two schemas have the title ${name}`);
  components.set(name, schema);
  return { $ref: `#/components/schemas/${name}` };
}

function addExamples({ operationId = '', requestBody, responses }: Operation): void {
  const of = examples[operationId];
  for (const media of Object.values(requestBody?.content ?? {})) media.example = of?.request;
  for (const [status, { content = {} }] of Object.entries(responses)) {
    for (const [type, media] of Object.entries(content)) {
      media.example = type !== 'application/problem+json' ? (of?.responses?.[status] ?? of?.response) : problemExample(Number(status));
    }
  }
}
