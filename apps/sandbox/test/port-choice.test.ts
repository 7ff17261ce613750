import { once } from 'node:events';
import { type AddressInfo, createServer, type Server } from 'node:net';
import { freePort } from '@posthouse/devkit';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { listenWhereFree, loopback } from '../src/port-choice.ts';

let holder: Server;
let server: Server;
let told: string[];

beforeEach(async () => {
  told = [];
  server = createServer();
  holder = createServer().listen(0, loopback);
  await once(holder, 'listening');
});

afterEach(() => {
  holder.close();
  server.close();
});

const portOf = (listening: Server) => (listening.address() as AddressInfo).port;

function listen(acceptedMail: number | undefined, usual: number): Promise<void> {
  return listenWhereFree({ who: 'the API', acceptedMail, usual, tell: (line) => told.push(line) }, async (port) => {
    server.listen(port, loopback);
    await once(server, 'listening');
  });
}

test('takes the port that was asked for', async () => {
  const acceptedMail = await freePort();
  await listen(acceptedMail, portOf(holder));
  expect(portOf(server)).toBe(acceptedMail);
});

test('fails when the port that was asked for is taken', async () => {
  await expect(listen(portOf(holder), await freePort())).rejects.toThrow('EADDRINUSE');
  expect(told).toEqual([]);
});

test('takes the usual port when it is free', async () => {
  const usual = await freePort();
  await listen(undefined, usual);
  expect(portOf(server)).toBe(usual);
  expect(told).toEqual([]);
});

test('takes any port when the usual one is taken, and says so once', async () => {
  await listen(undefined, portOf(holder));
  expect(server.listening).toBe(true);
  expect(told).toEqual([`! Port ${portOf(holder)} is taken, so the API will be on another one.`]);
});

test('any other failure is one', async () => {
  const preference = { who: 'the API', acceptedMail: undefined, usual: await freePort(), tell: (line: string) => told.push(line) };
  await expect(listenWhereFree(preference, () => Promise.reject(new Error('no templates')))).rejects.toThrow('no templates');
});
