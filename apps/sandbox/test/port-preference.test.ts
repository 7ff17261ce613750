import { once } from 'node:events';
import { type AddressInfo, createServer, type Server } from 'node:net';
import { freePort } from '@posthouse/devkit';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { listenOnPreferredPort, loopback } from '../src/processes/port-preference.ts';

let otherServer: Server;
let server: Server;
let logged: string[];

beforeEach(async () => {
  logged = [];
  server = createServer();
  otherServer = createServer().listen(0, loopback);
  await once(otherServer, 'listening');
});

afterEach(() => {
  otherServer.close();
  server.close();
});

const portOf = (listening: Server) => (listening.address() as AddressInfo).port;

function preference(configuredPort: number | undefined, defaultPort: number) {
  return { server: 'the API', configuredPort, defaultPort, log: (line: string) => logged.push(line) };
}

function listen(configuredPort: number | undefined, defaultPort: number): Promise<void> {
  return listenOnPreferredPort(preference(configuredPort, defaultPort), async (port) => {
    server.listen(port, loopback);
    await once(server, 'listening');
  });
}

test('listens on the configured port', async () => {
  const configuredPort = await freePort();
  await listen(configuredPort, portOf(otherServer));
  expect(portOf(server)).toBe(configuredPort);
});

test('fails when the configured port is in use', async () => {
  await expect(listen(portOf(otherServer), await freePort())).rejects.toThrow('EADDRINUSE');
  expect(logged).toEqual([]);
});

test('listens on the default port when it is free', async () => {
  const defaultPort = await freePort();
  await listen(undefined, defaultPort);
  expect(portOf(server)).toBe(defaultPort);
  expect(logged).toEqual([]);
});

test('listens on any free port when the default port is in use, and logs it once', async () => {
  await listen(undefined, portOf(otherServer));
  expect(server.listening).toBe(true);
  expect(logged).toEqual([`! Port ${portOf(otherServer)} is in use: the API listens on another one.`]);
});

test('passes any other failure on', async () => {
  const listening = listenOnPreferredPort(preference(undefined, await freePort()), () => Promise.reject(new Error('no templates')));
  await expect(listening).rejects.toThrow('no templates');
});
