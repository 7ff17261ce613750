/** Redis: whether it answers, its version, whether it keeps mails, the rights of its user, both clocks, and the secret. */
import { parseRedisUrl, type Timings } from '@posthouse/contract';
import type { RedisInspection, RedisWarning, SealKeys } from '@posthouse/queue';
import type { RedisSettings } from '@posthouse/runtime';
import { connectionCause, warningText } from '../redis-advice.ts';
import { type Check, Checks, reasonOf, sentence } from './check.ts';

/** @param secret undefined where POSTHOUSE_SECRET cannot be read: then what is sealed is not looked at */
export async function checkRedis(settings: RedisSettings, secret: SealKeys | undefined, timings: Timings): Promise<Check[]> {
  const { inspectRedis, QueueUnavailable, redisFailures, Sealer } = await import('@posthouse/queue');
  const checks = new Checks('redis');
  const address = parseRedisUrl(settings.redisUrl)
    .hosts.map(({ host, port }) => `${host}:${port}`)
    .join(', ');
  let found: RedisInspection;
  try {
    found = await inspectRedis(settings.redisUrl, secret && new Sealer(secret), timings, settings.redisAccess);
  } catch (error) {
    const failure = error instanceof QueueUnavailable ? error.failure : 'unreachable';
    const { meaning, fix } = redisFailures[failure];
    const advice = failure === 'unreachable' ? 'Start Redis, or correct REDIS_URL.' : sentence(fix);
    const detail = connectionCause(reasonOf(error))
      .replace(/^[^:]*: (?=[A-Z]{4,} )/, '')
      .replace(`${meaning}: `, '');
    checks.error('answers', `${meaning} at ${address}${detail === meaning ? '' : `: ${detail}`}`, advice);
    return checks.list;
  }
  checks.ok('answers', `Redis ${found.version ?? ''} answers at ${address}`.replace('  ', ' '));
  const { missingRights, readings, warnings, secretIssue } = found;
  if (missingRights.length > 0) {
    checks.error('rights', `the user of REDIS_URL lacks ${missingRights.join(' ')}`, sentence(redisFailures['no-permission'].fix));
    return checks.list;
  }
  checks.ok('rights', 'its user may run every command that is needed');
  const { skewMs = 0, policy, appendonly, appendfsync } = readings ?? {};
  const { clock, unknown, evicts, forgets } = warnings;
  if (unknown !== undefined) checks.warning('durability', unknown.event, sentence(unknown.fix));
  else {
    // What is acknowledged and lost in a crash is a second's mail with everysec, and all of it without a file.
    report(
      'durability',
      forgets,
      `every change is on disk before it is acknowledged (appendonly ${appendonly}, appendfsync ${appendfsync})`,
      appendonly === 'yes',
    );
    report('memory', evicts, `no key is evicted (maxmemory-policy ${policy})`, false);
  }
  report('clock', clock, `its clock differs from this machine's by ${skewMs} ms`, false);
  if (secret === undefined) checks.skipped('secret', 'POSTHOUSE_SECRET is not known');
  else if (secretIssue === undefined) checks.ok('secret', 'no mail in it is sealed with another key of the same name');
  else checks.error('secret', 'mails in it are sealed with another POSTHOUSE_SECRET', secretIssue);
  return checks.list;

  function report(check: string, warning: RedisWarning | undefined, good: string, isMild: boolean): void {
    if (warning === undefined) checks.ok(check, good);
    else checks[isMild ? 'warning' : 'error'](check, warningText(warning), sentence(warning.fix));
  }
}
