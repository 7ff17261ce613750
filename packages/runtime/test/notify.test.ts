/** Where notifications go: configuration, quiet hours, and real HTTP servers as targets. */
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import type { IncidentMessage } from '@posthouse/contract';
import { afterEach, describe, expect, it } from 'vitest';
import { ConfigError, readEnv } from '../src/env-reader.ts';
import { isQuiet, readNotifySettings } from '../src/notify-settings.ts';
import { httpTargets } from '../src/notify-targets.ts';

const read = (env: NodeJS.ProcessEnv, isProduction = false) => readEnv(env, (reader) => readNotifySettings(reader, isProduction));

describe('the settings', () => {
  it('are none by default', () => {
    expect(read({})).toMatchObject({ webhookUrl: undefined, slackUrl: undefined, quiet: undefined });
  });

  it('report every error at once, without the URLs, which are secrets', () => {
    const env = {
      NOTIFY_WEBHOOK_URL: 'http://hooks.example.com/secret',
      NOTIFY_SLACK_URL: 'http://127.0.0.1/secret',
      NOTIFY_QUIET_HOURS: '22-7',
      NOTIFY_TIME_ZONE: 'Mars/Olympus',
    };
    const error = (() => {
      try {
        return read(env, true);
      } catch (thrown) {
        return thrown;
      }
    })();
    expect((error as ConfigError).issues.map((issue) => issue.split(' ')[0])).toEqual([
      'NOTIFY_QUIET_HOURS',
      'NOTIFY_TIME_ZONE',
      'NOTIFY_WEBHOOK_URL',
      'NOTIFY_SLACK_URL',
    ]);
    expect(String(error)).not.toContain('secret');
    expect(error).toBeInstanceOf(ConfigError);
  });

  it.each([
    ['22:00-07:00', 'Asia/Seoul', '2026-11-26T12:59:00Z', false],
    ['22:00-07:00', 'Asia/Seoul', '2026-11-26T13:00:00Z', true],
    ['22:00-07:00', 'Asia/Seoul', '2026-11-26T21:59:00Z', true],
    ['22:00-07:00', 'Asia/Seoul', '2026-11-26T22:00:00Z', false],
    ['00:00-06:30', undefined, '2026-11-26T06:29:00Z', true],
    ['00:00-06:30', undefined, '2026-11-26T06:30:00Z', false],
  ])('%s in %s: at %s it is quiet: %s', (hours, zone, time, quiet) => {
    const settings = read({ NOTIFY_QUIET_HOURS: hours, NOTIFY_TIME_ZONE: zone });
    expect(isQuiet(settings.quiet, Date.parse(time))).toBe(quiet);
  });
});

describe('a target', () => {
  let server: Server;
  afterEach(() => {
    server.closeAllConnections();
    server.close();
  });
  const message: IncidentMessage = {
    version: 1,
    event: 'ended',
    kind: 'circuit-open',
    subject: 'ses',
    severity: 'warning',
    summary: 'the provider ses is not used',
    since: '2026-11-26T08:00:00.000Z',
    until: '2026-11-26T08:10:00.000Z',
    runbook: 'docs/operations.md#posthousecircuitopen',
  };
  /** @param status of the answer; undefined for none */
  async function targets(status: number | undefined, timeoutMs: number) {
    const bodies: unknown[] = [];
    server = createServer(async (request, response) => {
      bodies.push([request.method, request.headers['content-type'], JSON.parse(await text(request))]);
      if (status !== undefined) response.writeHead(status).end();
    }).listen(0, '127.0.0.1');
    await new Promise((resolve) => server.once('listening', resolve));
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/hook`;
    return { bodies, targets: httpTargets(read({ NOTIFY_WEBHOOK_URL: url, NOTIFY_SLACK_URL: url }), timeoutMs) };
  }

  it('gets JSON, or what Slack takes', async () => {
    const { bodies, targets: both } = await targets(200, 10_000);
    for (const target of both) await target.send(message);
    const sentence =
      'Posthouse, ended: the provider ses is not used. Since 2026-11-26T08:00:00.000Z, until 2026-11-26T08:10:00.000Z. What to do: docs/operations.md#posthousecircuitopen';
    expect(bodies).toEqual([
      ['POST', 'application/json', message],
      ['POST', 'application/json', { text: sentence }],
    ]);
  });

  it('that answers an error has not got the message', async () => {
    const [webhook] = (await targets(500, 10_000)).targets;
    await expect(webhook?.send(message)).rejects.toThrow('the target answered 500');
  });

  it('that does not answer has not got it either, after its time', async () => {
    const [webhook] = (await targets(undefined, 50)).targets;
    await expect(webhook?.send(message)).rejects.toThrow();
  });
});
