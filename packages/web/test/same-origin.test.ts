import { fastify } from 'fastify';
import { expect, it } from 'vitest';
import { isSameOrigin } from '../src/web.ts';

const host = 'posthouse.example:3001';

it.each([
  [{ 'sec-fetch-site': 'same-origin' }, true],
  [{ 'sec-fetch-site': 'same-origin', origin: 'http://evil.example' }, true],
  [{ origin: `http://${host}` }, true],
  [{ origin: `https://${host}` }, true],
  [{}, false],
  [{ 'sec-fetch-site': 'none' }, false],
  [{ 'sec-fetch-site': 'same-site' }, false],
  [{ 'sec-fetch-site': 'cross-site' }, false],
  [{ 'sec-fetch-site': 'cross-site', origin: `http://${host}` }, false],
  [{ 'sec-fetch-site': '', origin: `http://${host}` }, false],
  [{ origin: 'http://evil.example' }, false],
  [{ origin: 'http://posthouse.example' }, false],
  [{ origin: 'null' }, false],
  [{ origin: '' }, false],
] as [Record<string, string>, boolean][])('a request with %j: same origin %s', async (headers, expected) => {
  const app = fastify();
  app.post('/', (request) => ({ sameOrigin: isSameOrigin(request) }));
  const answer = await app.inject({ method: 'POST', url: '/', headers: { host, ...headers } });
  expect(answer.json()).toEqual({ sameOrigin: expected });
});
