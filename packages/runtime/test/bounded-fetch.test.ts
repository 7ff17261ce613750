import { createServer, type Server } from 'node:http';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { boundedFetch } from '../src/bounded-fetch.ts';

let server: Server;
let url: string;

beforeAll(async () => {
  server = createServer(({ url: path }, response) => response.writeHead(Number(path?.slice(1))).end('0123456789'));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  url = `http://127.0.0.1:${(server.address() as { port: number }).port}`;
});
afterAll(() => new Promise((resolve) => server.close(resolve)));

const get = (status: number, maxBytes = 10) =>
  boundedFetch({ ca: undefined, timeoutMs: 60_000, maxBytes })(`${url}/${status}`, { method: 'GET', headers: {} });

it.each([
  [200, '0123456789'],
  [204, ''],
  [205, ''],
  [302, '0123456789'],
  [304, ''],
  [503, '0123456789'],
])('an answer with the status %i is returned', async (status, body) => {
  const response = await get(status);
  expect([response.status, await response.text()]).toEqual([status, body]);
});

it('an answer that HTTP does not have, or that is too long, is an error', async () => {
  await expect(get(700)).rejects.toThrow('the answer has the status 700');
  await expect(get(200, 9)).rejects.toThrow('the answer is longer than 9 bytes');
});
