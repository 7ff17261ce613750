/** Traces of real processes into which the test loads an OpenTelemetry SDK, as an operator does. */
import { readFile, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, expect, it } from 'vitest';
import { FaultFixture, scaled, secrets, signUp } from './faults/fault-fixture.ts';

interface RecordedSpan {
  name: string;
  traceId: string;
  spanId: string;
  parent?: string;
  traceState?: string;
  kind: number;
  status: { code: number };
  attributes: Record<string, unknown>;
  links: string[];
  events: { name: string; attributes: Record<string, unknown> }[];
}

const fixture = new FaultFixture();
beforeAll(async () => {
  await fixture.start();
  await writeFile(join(fixture.dir, 'tracing.mjs'), await documentedSdk());
});
afterEach(() => fixture.smtp.clearFaults());
afterAll(() => fixture.close());

const isOk = 0;
const isError = 2;
const withSdk = (name: string) => ({ NODE_OPTIONS: `--import ${join(fixture.dir, 'tracing.mjs')}`, SPANS_FILE: join(fixture.dir, name) });
const callersTrace = (n: number) => String(n).repeat(32);
const traceparent = (n: number) => `00-${callersTrace(n)}-00f067aa0ba902b7-01`;

/** The SDK of docs/operations.md, but each span is kept at once and nothing is sent. */
async function documentedSdk(): Promise<string> {
  const docs = await readFile(new URL('../../../docs/operations.md', import.meta.url), 'utf8');
  const [, code = ''] = /```js\n(\/\/ tracing\.mjs\n.*?)```/s.exec(docs) ?? [];
  const { resolve } = createRequire(import.meta.url);
  return code
    .replaceAll('BatchSpanProcessor', 'SimpleSpanProcessor')
    .replace('@opentelemetry/exporter-trace-otlp-http', new URL('record-spans.mjs', import.meta.url).href)
    .replaceAll(/'(@opentelemetry\/[a-z-]+)'/g, (_, name) => `'${resolve(name)}'`);
}

/** An API that is connected to Redis. */
async function startApi(env: NodeJS.ProcessEnv): Promise<void> {
  await fixture.startApi(env);
  await expect.poll(async () => (await fixture.readiness()).status).toBe(200);
}

async function send(number: number, change: object, headers: Record<string, string>): Promise<string> {
  const answer = await fixture.run('/v1/mails', signUp(number, change), headers);
  expect(answer.status).toBe(202);
  return (answer.body as { id: string }).id;
}

async function spansIn(name: string): Promise<RecordedSpan[]> {
  return JSON.parse(await readFile(join(fixture.dir, name), 'utf8'));
}

it('request, acceptance, processing and SMTP transactions are one trace; what happens later is linked', async () => {
  await startApi(withSdk('api.json'));
  const worker = await fixture.startProcess(withSdk('worker.json'));
  fixture.smtp.replyTo('RCPT', { address: 'reader-2@example.net', reply: '451 4.7.1 reader-2@example.net: later', times: 1 });
  const direct = await send(1, {}, { traceparent: traceparent(1), tracestate: 'vendor=planted' });
  const retried = await send(2, {}, { traceparent: traceparent(2) });
  const scheduled = await send(3, { scheduledAt: new Date(Date.now() + 3_600_000).toISOString() }, { traceparent: traceparent(3) });
  expect(await fixture.run(`/v1/mails/${scheduled}/send-now`, undefined)).toMatchObject({ status: 200 });
  const untraced = await send(4, {}, {});
  for (const id of [direct, retried, scheduled, untraced]) await fixture.reaches(id, 'sent');
  expect(await fixture.run('/v1/mails', { to: 'nobody' }, { traceparent: traceparent(5) })).toMatchObject({ status: 400 });
  await worker.stop();
  await fixture.api.stop();
  const spans = [...(await spansIn('api.json')), ...(await spansIn('worker.json'))];
  const of = (id: string) => spans.filter(({ attributes }) => attributes['messaging.message.id'] === id);
  const request = (n: number) => spans.find(({ traceId, name }) => traceId === callersTrace(n) && name.startsWith('POST'));

  const [accept, send1, process1] = of(direct);
  expect(request(1)).toMatchObject({ parent: '00f067aa0ba902b7', kind: 1, attributes: { 'http.response.status_code': 202 } });
  expect(accept).toMatchObject({ name: 'accept mail', kind: 3, parent: request(1)?.spanId, traceState: 'vendor=planted' });
  expect(process1).toMatchObject({ name: 'process mail', kind: 4, parent: accept?.spanId, links: [], traceState: 'vendor=planted' });
  expect(send1).toMatchObject({ name: 'send localhost', kind: 2, parent: process1?.spanId, status: { code: isOk } });
  expect(new Set(of(direct).map(({ traceId }) => traceId))).toEqual(new Set([callersTrace(1)]));
  expect(send1?.events.map(({ name, attributes }) => [name, attributes['smtp.reply_code']])).toEqual([
    ['MAIL', 250],
    ['RCPT', 250],
    ['DATA', 354],
    ['.', 250],
  ]);

  const [, , first, again, second] = of(retried);
  expect(first).toMatchObject({
    traceId: callersTrace(2),
    links: [],
    attributes: { 'posthouse.attempt': 1, 'posthouse.reason': '451 4.7.1' },
  });
  expect(of(retried)[1]).toMatchObject({ status: { code: isError }, attributes: { 'error.type': '451 4.7.1' } });
  expect(second).toMatchObject({ links: [callersTrace(2)], attributes: { 'posthouse.attempt': 2, 'posthouse.state': 'sent' } });
  expect([second?.parent, second?.traceId === callersTrace(2)]).toEqual([undefined, false]);
  expect(again).toMatchObject({ parent: second?.spanId, traceId: second?.traceId });

  const process3 = of(scheduled).find(({ name }) => name === 'process mail');
  expect([process3?.links, process3?.parent]).toEqual([[callersTrace(3)], undefined]);
  expect(of(untraced).find(({ name }) => name === 'process mail')).toMatchObject({ links: [] });
  expect(request(5)).toMatchObject({ attributes: { 'http.response.status_code': 400 } });
  const all = JSON.stringify(spans);
  for (const planted of ['@example', 'Reader 1', secrets.smtpPassword]) expect(all).not.toContain(planted);
});

it('without an SDK nothing is recorded, the trace is stored only where the caller sent one, and a worker with one continues it', async () => {
  await startApi({});
  const traced = await send(1, {}, { traceparent: traceparent(6), tracestate: 'vendor=planted' });
  const forged = await send(2, {}, { traceparent: '00-ZZ' });
  expect((await fixture.record(traced))?.trace).toEqual({
    traceId: callersTrace(6),
    spanId: '00f067aa0ba902b7',
    flags: 1,
    state: 'vendor=planted',
  });
  const fields = (id: string) => fixture.redis.cli('HKEYS', `{posthouse}:record:${id}`);
  expect(await fields(traced)).toMatch(/^trace$/m);
  expect(await fields(forged)).not.toContain('trace');
  const worker = await fixture.startProcess(withSdk('later.json'), scaled);
  for (const id of [traced, forged]) await fixture.reaches(id, 'sent');
  await worker.stop();
  const spans = await spansIn('later.json');
  expect(spans.find(({ name, traceId }) => name === 'process mail' && traceId === callersTrace(6))?.parent).toBe('00f067aa0ba902b7');
});
