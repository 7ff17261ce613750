/** Whether processes run and can be used: by their ports where these are configured, and by what the workers store in Redis. */
import type { Durations } from '@posthouse/contract';
import type { SealKeys } from '@posthouse/queue';
import { boundedFetch, type RedisSettings } from '@posthouse/runtime';
import { type Check, Checks, reasonOf, sentence } from './check.ts';

/** No answer to a probe is longer. */
const maxBytes = 64 * 1024;

/** What says where a process answers. */
const variables = {
  api: 'POSTHOUSE_URL',
  worker: 'WORKER_HOST and WORKER_PORT',
  submission: 'SUBMISSION_HTTP_HOST and SUBMISSION_HTTP_PORT',
} as const;

/** Asks a process whether it is ready. @param url without a slash at its end */
export async function checkProcess(name: keyof typeof variables, url: string, timeoutMs: number): Promise<Check[]> {
  const checks = new Checks(name, url);
  const variable = variables[name];
  try {
    const answer = await boundedFetch({ ca: undefined, timeoutMs, maxBytes })(`${url}/readyz`, { method: 'GET', headers: {} });
    const { status, detail } = (await answer.json().catch(() => ({}))) as { status?: string; detail?: string };
    if (answer.status === 200 && status === 'ok') checks.ok('ready', 'it is ready');
    else if (status === undefined) checks.error('ready', `it answers ${answer.status}, and not as Posthouse does`, `Correct ${variable}.`);
    else checks.error('ready', 'it is not ready', sentence(detail ?? 'its log has the reason'));
  } catch (error) {
    const why = (error as Error).name === 'AbortError' ? `no answer within ${timeoutMs / 1000} s` : reasonOf(error);
    checks.error('ready', `it does not answer: ${why}`, `Start it (npm run ${name}), or correct ${variable}.`);
  }
  return checks.list;
}

/** Looks at the heartbeats of the workers, and which relays they use. */
export async function checkWorkers(settings: RedisSettings, secret: SealKeys, durations: Durations): Promise<Check[]> {
  const { QueueOverview, QueueUnavailable, redisFailures, RequestConnection, Sealer } = await import('@posthouse/queue');
  const checks = new Checks('workers');
  const connection = new RequestConnection(settings.redisUrl, new Sealer(secret), durations, () => undefined, settings.redisAccess);
  await connection.start();
  try {
    await connection.whenAnswered();
    const overview = new QueueOverview(connection);
    const [workers, providers] = await Promise.all([overview.workers(), overview.providers()]);
    if (workers.length === 0) checks.warning('running', 'no worker runs: mails wait', 'Start one: npm run worker.');
    else checks.ok('running', workers.map(({ host, pid, version }) => `worker ${version} on ${host} (process ${pid})`).join(', '));
    for (const { host, clockSkewMs } of workers) {
      if (clockSkewMs !== undefined)
        checks.error(
          'clock',
          `the worker on ${host} takes no mail: its clock differs from that of Redis by ${clockSkewMs} ms`,
          'Run NTP on both.',
        );
    }
    for (const { name, circuit, reason } of providers) {
      if (circuit === 'closed') checks.ok('relay', `they send through ${name}`);
      else
        checks.error(
          'relay',
          `they do not use ${name} at the moment: ${reason ?? 'it failed'}`,
          'The checks of the relay say why; a probe closes the circuit when it works.',
        );
    }
  } catch (error) {
    if (!(error instanceof QueueUnavailable)) throw error;
    checks.error('running', `Redis does not say: ${reasonOf(error)}`, sentence(redisFailures[error.failure].fix));
  } finally {
    await connection.stop();
  }
  return checks.list;
}
