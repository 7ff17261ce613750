import { once } from 'node:events';
import { connect, createServer } from 'node:net';
import { expect, test } from 'vitest';
import { UnansweredPort } from '../src/unanswered-port.ts';

test('a connection is neither accepted nor refused, and the port is free afterwards', async () => {
  const port = new UnansweredPort('127.0.0.9');
  await port.start();
  const events: string[] = [];
  const socket = connect(port.port, port.address);
  for (const event of ['connect', 'error']) socket.on(event, () => events.push(event));
  // Time for a refusal, which comes within a millisecond on a loopback address.
  await new Promise((resolve) => setTimeout(resolve, 300));
  expect(events).toEqual([]);
  socket.destroy();
  await port.stop();
  const server = createServer().listen(port.port, port.address);
  await once(server, 'listening');
  server.close();
});
