import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { type AddressInfo, createServer, type Socket } from 'node:net';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { guardedCommand } from '../src/guarded-command.ts';

const fixture = (name: string) => fileURLToPath(new URL(`fixture/${name}`, import.meta.url));

test('a command ends when the process that started it is killed', async () => {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const { file, args } = guardedCommand(process.execPath, [fixture('app.mjs'), 'stubborn', String(port)]);

  const parent = spawn(process.execPath, [fixture('parent.mjs'), file, ...args], { stdio: 'ignore' });
  const [lifeline] = (await once(server, 'connection')) as [Socket];
  lifeline.resume().on('error', () => undefined); // a killed process may reset its connection instead of closing it
  expect(lifeline.closed).toBe(false);
  parent.kill('SIGKILL');
  await once(lifeline, 'close');
  server.close();
});
