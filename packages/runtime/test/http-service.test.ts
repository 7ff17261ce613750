/** Runs the service around a plain `node:http` server; `apps/api/test/api-process.test.ts` runs it around Fastify. */
import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { addHealthRoutes, type HttpApp, HttpService, type HttpServiceOptions } from '../src/http-service.ts';

const servers: Server[] = [];
afterEach(() => {
  for (const server of servers.splice(0)) server.close();
});

/** An app that answers `hello`. */
async function build(): Promise<HttpApp> {
  const server = createServer((_request, response) => void response.end('hello'));
  servers.push(server);
  return {
    server,
    listen: async ({ host, port }) => {
      server.listen(port, host);
      await once(server, 'listening');
    },
    close: async () => {
      const closed = once(server, 'close');
      server.close();
      await closed;
    },
  };
}

/** A port that another server listens on. */
async function portInUse(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  servers.push(server);
  await once(server, 'listening');
  return (server.address() as AddressInfo).port;
}

const options: HttpServiceOptions = { name: 'API', host: '127.0.0.1', port: 0, portVariable: 'API_PORT' };

describe('HttpService', () => {
  it('listens, logs one ready line with port and URL, and stops', async () => {
    const lines: unknown[] = [];
    const log = { info: (fields: object, event: string) => void lines.push([event, fields]) } as HttpServiceOptions['log'];
    const service = new HttpService(build, { ...options, ...(log && { log }), readyFields: { templates: 3 } });
    expect(() => service.port).toThrow('API does not listen');
    await service.start();
    const url = `http://127.0.0.1:${service.port}`;
    expect(await (await fetch(url)).text()).toBe('hello');
    expect(lines).toEqual([['ready', { port: service.port, url, templates: 3 }]]);
    await service.stop();
    await expect(fetch(url)).rejects.toThrow();
    expect(() => service.port).toThrow('API does not listen');
  });

  it('names the variable to change when the port is in use', async () => {
    const port = await portInUse();
    const service = new HttpService(build, { ...options, port });
    await expect(service.start()).rejects.toMatchObject({
      forOperator: true,
      message: `API cannot listen on 127.0.0.1:${port}: another process uses this port. Set API_PORT to a free one.`,
    });
    await service.stop().catch(() => undefined);
  });

  it('listens on a free port instead where the caller allows it, and calls back', async () => {
    const port = await portInUse();
    let calls = 0;
    const service = new HttpService(build, { ...options, port, onPortInUse: () => void calls++ });
    await service.start();
    expect(calls).toBe(1);
    expect(service.port).not.toBe(port);
    expect(await (await fetch(`http://127.0.0.1:${service.port}`)).text()).toBe('hello');
    await service.stop();
  });

  it('throws what the app throws when it cannot be built or cannot listen', async () => {
    const broken = new HttpService(() => Promise.reject(new Error('no templates')), options);
    await expect(broken.start()).rejects.toThrow('no templates');
    const elsewhere = new HttpService(build, { ...options, host: '192.0.2.1' });
    await expect(elsewhere.start()).rejects.toMatchObject({ code: 'EADDRNOTAVAIL' });
  });

  it('may be stopped before it is started, and twice; callers share one promise', async () => {
    const never = new HttpService(build, options);
    await never.stop();
    const service = new HttpService(build, options);
    await service.start();
    const first = service.stop();
    expect(service.stop()).toBe(first);
    await first;
  });

  it('does not listen when it is stopped while the app is being built', async () => {
    const calls: string[] = [];
    const service = new HttpService(async () => {
      await service.stop();
      return { ...(await build()), listen: async () => calls.push('listen'), close: async () => calls.push('close') };
    }, options);
    await service.start();
    expect(calls).toEqual(['close']);
  });
});

describe('the health routes', () => {
  it.each([
    [{ redis: 'ok' }, 200, { status: 'ok', redis: 'ok' }],
    [{ redis: 'read-only', detail: 'It is.' }, 503, { status: 'unavailable', redis: 'read-only', detail: 'It is.' }],
  ])('say whether Redis can be used: %j', async (state, status, body) => {
    const routes = new Map<string, (reply: { code(status: number): { send(body: object): unknown } }) => Promise<unknown>>();
    const app: Parameters<typeof addHealthRoutes<string>>[0] = {
      get: (path, role, handler) => routes.set(`${role} ${path}`, (reply) => handler(undefined, reply)),
    };
    addHealthRoutes(
      app,
      async () => state,
      (route) => route,
    );
    const reply = { code: (code: number) => ({ send: (sent: object) => ({ code, sent }) }) };
    expect([...routes.keys()]).toEqual(['livez /livez', 'readyz /readyz']);
    expect(await routes.get('livez /livez')?.(reply)).toEqual({ status: 'ok' });
    expect(await routes.get('readyz /readyz')?.(reply)).toEqual({ code: status, sent: body });
  });
});
