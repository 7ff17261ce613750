import { type FastifyInstance, fastify } from 'fastify';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { type Regions, sendRegions } from '../src/site/live-updates.ts';

let app: FastifyInstance;
let logged: string[];

beforeEach(() => {
  app = fastify();
  logged = [];
});

afterEach(() => app.close());

async function streamOf(updates: () => AsyncIterable<Regions>): Promise<string> {
  app.get('/events', (_request, reply) => sendRegions(reply, updates, (line) => logged.push(line)));
  return (await app.inject('/events')).body;
}

test('sends all regions of an update as one event, and an end event when the updates have ended', async () => {
  const body = await streamOf(async function* () {
    yield { count: '1 mail', mails: '<ul>\n</ul>' };
    yield { count: '2 mails', mails: '<ul></ul>' };
  });
  expect(body).toBe(
    'data: {"count":"1 mail","mails":"<ul>\\n</ul>"}\n\ndata: {"count":"2 mails","mails":"<ul></ul>"}\n\nevent: end\ndata: end\n\n',
  );
  expect(logged).toEqual([]);
});

test('logs updates that fail, and lets the page reconnect', async () => {
  const body = await streamOf(async function* () {
    yield { count: '1 mail' };
    throw new Error('a bug');
  });
  expect(body).toBe('data: {"count":"1 mail"}\n\n');
  expect(logged.join()).toContain('! Live updates failed: Error: a bug');
});
