/** The OpenAPI document: valid, complete, in the words of every generator, and true. */
import { checker, type SchemaCheck } from '@posthouse/contract';
import { Validator } from '@seriousme/openapi-schema-validator';
import { RE2JS } from 're2js';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { examples } from '../src/openapi-examples.ts';
import { ApiFixture, key } from './api-fixture.ts';

interface Media {
  schema: object;
  example?: object;
}
interface Operation {
  operationId: string;
  parameters?: { name: string; schema: { type: string } }[];
  requestBody?: { required: boolean; content: Record<string, Media> };
  responses: Record<string, { content: Record<string, Media> }>;
}

const api = new ApiFixture();
let document: { openapi: string; components: { schemas: Record<string, object> }; paths: Record<string, Record<string, Operation>> };
let operations: { path: string; method: string; operation: Operation }[];
beforeAll(async () => {
  await api.start();
  document = (await api.app.inject({ url: '/openapi.json' })).json();
  operations = Object.entries(document.paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]) => ({ path, method, operation })),
  );
});
afterAll(() => api.stop());

it('is valid OpenAPI 3.0, says an independent validator', async () => {
  const validator = new Validator();
  expect(await validator.validate(document)).toEqual({ valid: true });
  expect(validator.version).toBe('3.0');
});

it('names every operation and every schema', () => {
  expect(operations.map(({ operation }) => operation.operationId)).toEqual([
    ...[
      'checkLive',
      'checkReady',
      'sendMail',
      'listMails',
      'sendBatch',
      'getMail',
      'rescheduleMail',
      'cancelMail',
      'retryMail',
      'sendMailNow',
      'resolveMail',
      'copyMail',
    ],
    'listTemplates',
    ...['getMetrics', 'getScale'],
  ]);
  for (const { operation } of operations) {
    const bodies = [operation.requestBody, ...Object.values(operation.responses)].flatMap((body) => Object.values(body?.content ?? {}));
    for (const { schema } of bodies) expect(JSON.stringify(schema)).toMatch(/"\$ref":"#\/components\/schemas\/[A-Z]/);
  }
});

it('declares each error as a problem, and has an example of each body', () => {
  for (const { path, operation } of operations) {
    if (operation.requestBody !== undefined) expect(operation.requestBody.content['application/json']?.example).toBeDefined();
    for (const [status, { content }] of Object.entries(operation.responses)) {
      const isProblem = Number(status) >= 400 && !/^\/(livez|readyz)$/.test(path);
      expect(Object.keys(content)).toEqual([
        isProblem ? 'application/problem+json' : path === '/metrics' ? 'text/plain' : 'application/json',
      ]);
      for (const { example } of Object.values(content)) expect(example).toBeDefined();
    }
  }
});

it('has patterns that RE2 compiles, without what Python lacks, and no format that only this API knows but that of an address', () => {
  const patterns = [...JSON.stringify(document).matchAll(/"pattern":("(?:[^"\\]|\\.)*")/g)].map(
    ([, text]) => JSON.parse(text as string) as string,
  );
  expect(patterns.length).toBeGreaterThan(5);
  for (const pattern of patterns) {
    expect(() => RE2JS.compile(pattern)).not.toThrow();
    expect(pattern.length).toBeLessThan(60);
    // Both know these alone of the escapes that letters have.
    expect(pattern).not.toMatch(/\\[^dwsDWSxnrt\W]|\(\?[^:]/);
  }
  const formats = new Set([...JSON.stringify(document.components).matchAll(/"format":"([^"]+)"/g)].map(([, format]) => format));
  expect([...formats].sort()).toEqual(['byte', 'date-time', 'idn-email', 'mailbox', 'uri']);
});

it('has values, not texts, as query parameters, and no body where none is needed', () => {
  const typesOf = (id: string) =>
    Object.fromEntries(
      operations
        .find(({ operation }) => operation.operationId === id)
        ?.operation.parameters?.map(({ name, schema }) => [name, schema.type]) ?? [],
    );
  expect(typesOf('listMails')).toMatchObject({ limit: 'integer', state: 'array', from: 'string', tag: 'string' });
  expect(typesOf('getMail')).toMatchObject({ content: 'boolean' });
  const required = operations.filter(({ operation }) => operation.requestBody?.required).map(({ operation }) => operation.operationId);
  expect(required).toEqual(['sendMail', 'sendBatch', 'rescheduleMail', 'resolveMail']);
});

describe('its examples', () => {
  /** The schema with its references replaced, for a validator that knows no document. */
  const inline = (schema: object): object =>
    JSON.parse(
      JSON.stringify(schema, (name, value) => {
        if (name === 'format' && value === 'byte') return 'base64';
        const component = value?.$ref?.split('/').at(-1);
        return component === undefined ? value : inline(document.components.schemas[component] as object);
      }),
    );
  const checks = new Map<string, SchemaCheck>();
  const issuesOf = (schema: object, value: unknown) => {
    const name = JSON.stringify(schema);
    const check = checks.get(name) ?? checker(inline(schema));
    checks.set(name, check);
    return [...check(value)];
  };
  const schemaOf = (operationId: string, status: number) => {
    const found = operations.find(({ operation }) => operation.operationId === operationId)?.operation.responses[status];
    return Object.values(found?.content ?? {})[0]?.schema as object;
  };

  it('match the schemas', () => {
    for (const { operation } of operations) {
      const bodies = [operation.requestBody, ...Object.values(operation.responses)].flatMap((body) => Object.values(body?.content ?? {}));
      for (const { schema, example } of bodies) expect({ example, issues: issuesOf(schema, example) }).toEqual({ example, issues: [] });
    }
  });

  it('are taken by the API, whose answers match the schemas too', async () => {
    const answer = async (operationId: string, id = '') => {
      const { path = '', method = '' } = operations.find(({ operation }) => operation.operationId === operationId) ?? {};
      const body = examples[operationId]?.request;
      const response = await api.app.inject({
        method: method.toUpperCase() as 'GET',
        url: path.replace('{id}', id),
        headers: { authorization: `Bearer ${key}`, ...(body && { 'content-type': 'application/json' }) },
        ...(body && { payload: JSON.stringify(body) }),
      });
      expect([
        operationId,
        response.statusCode,
        issuesOf(schemaOf(operationId, response.statusCode), operationId === 'getMetrics' ? response.body : response.json()),
      ]).toEqual([operationId, response.statusCode, []]);
      return response;
    };
    const { id } = (await answer('sendMail')).json();
    for (const operationId of ['checkLive', 'checkReady', 'sendBatch', 'listMails', 'listTemplates', 'getMetrics', 'getScale']) {
      expect((await answer(operationId)).statusCode).toBeLessThan(300);
    }
    for (const operationId of ['getMail', 'copyMail', 'retryMail', 'cancelMail'])
      expect((await answer(operationId, id)).statusCode).toBeLessThan(500);
    expect((await answer('resolveMail', id)).statusCode).toBe(409);
  });
});
