/**
 * `doctor`: looks at everything that an installation needs, and says what to do about what is wrong. It sends no mail and changes nothing but
 * a key in Redis that expires. The areas are looked at at the same time, each with deadlines of seconds.
 */
import { isIP } from 'node:net';
import { resolve } from 'node:path';
import { Command, type CommandUnknownOpts } from '@commander-js/extra-typings';
import { addressDomain, type Durations } from '@posthouse/contract';
import { type CommandContext, examples, json } from '../command.ts';
import type { DoctorSettings, Setting } from '../config.ts';
import { oneLine, styled, wrapped } from '../terminal-text.ts';
import { type Check, type CheckStatus, Checks, sentence } from './check.ts';
import { checkProcess, checkWorkers } from './process-checks.ts';
import { checkRedis } from './redis-checks.ts';
import { checkRelay } from './relay-checks.ts';
import { checkSender, type Relay, type Sender } from './sender-checks.ts';
import { checkSubmission } from './submission-checks.ts';
import { checkTemplateSet } from './template-checks.ts';

/** The command `doctor`. */
export function doctor(context: CommandContext): CommandUnknownOpts {
  return new Command('doctor')
    .summary('check Redis, relay, sender, templates and processes')
    .description(
      'Checks Redis (durability, rights, clock), each relay of SMTP_URL (DNS, TLS, login, limits), the sender (SPF, DKIM, DMARC), the templates, API, ' +
        'SMTP submission and workers. Each line is ok, a warning or an error, with what to do. It sends no mail. Exits with 1 where there is an error.',
    )
    .option('--dkim-selector <name>', 'name of a DKIM key of the relay; may be repeated', (name, previous: string[] = []) => [
      ...previous,
      name,
    ])
    .option('--strict', 'exits with 1 also where there is a warning')
    .option(...json('{ "checks": [{ "check", "subject", "status", "message", "fix" }], "errors", "warnings" }'))
    .addHelpText('after', examples(['doctor --dkim-selector s1', 'also the key s1 of the domain of MAIL_FROM']))
    .action(async ({ dkimSelector = [], strict = false, json: asJson }) => {
      const checks = await run(context, dkimSelector);
      const count = (status: CheckStatus) => checks.filter((check) => check.status === status).length;
      const [errors, warnings] = [count('error'), count('warning')];
      const text = asJson ? JSON.stringify({ checks, errors, warnings }) : report(context, checks, { ok: count('ok'), errors, warnings });
      context.print(text, errors > 0 || (strict && warnings > 0) ? 1 : 0);
    });
}

async function run(context: CommandContext, selectors: readonly string[]): Promise<Check[]> {
  const settings = await context.readDoctorSettings();
  const durations = shortDurations(context.durations);
  const { timings } = durations;
  const { connect } = timings.commandLine.doctor;
  const secret = 'value' in settings.secret ? settings.secret.value : undefined;
  const redis = checked('redis', settings.redis, (value) => checkRedis(value, secret, timings));
  const relays = checked('relay', settings.relays, async ({ providers, ca }) =>
    (await Promise.all(providers.map((provider) => checkRelay(provider, ca, timings)))).flat(),
  );
  const workers = redis.then(async (found) => {
    const isUsable = found.every(({ status }) => status !== 'error');
    if (!isUsable || secret === undefined || 'issues' in settings.redis) return skipped('workers', 'running', 'Redis cannot be used');
    return await checkWorkers(settings.redis.value, secret, durations);
  });
  const areas = await Promise.all([
    'issues' in settings.secret ? configurationErrors('secret', settings.secret.issues) : [],
    redis,
    relays,
    checked('sender', settings.sender, () => checkSenders(context, settings, selectors, timings.commandLine.doctor.dns)),
    checkTemplateSet(resolve(context.folder, settings.templatesDir)),
    checked('api', settings.api, async (url) =>
      url === undefined ? skipped('api', 'ready', 'POSTHOUSE_URL is not set') : await checkProcess('api', url.replace(/\/+$/, ''), connect),
    ),
    checked('worker', settings.worker, async (url) =>
      url === undefined ? skipped('worker', 'ready', 'WORKER_PORT is not set') : await checkProcess('worker', url, connect),
    ),
    checked('submission', settings.submission, async (value) =>
      value === undefined ? skipped('submission', 'answers', 'SUBMISSION_CERT_FILE is not set') : await checkSubmission(value, timings),
    ),
    workers,
  ]);
  return areas.flat();
}

/** A person waits: nothing takes as long as a process may wait. */
function shortDurations({ timings, retention }: Durations): Durations {
  const { connect, reply } = timings.commandLine.doctor;
  const redis = {
    ...timings.redis,
    connect: Math.min(connect, timings.redis.connect),
    commandLine: Math.min(reply, timings.redis.commandLine),
  };
  return { timings: { ...timings, redis }, retention };
}

async function checked<T>(area: string, setting: Setting<T>, look: (value: T) => Promise<Check[]>): Promise<Check[]> {
  return 'issues' in setting ? configurationErrors(area, setting.issues) : await look(setting.value);
}

/** The issues say what is wrong and how to fix it. */
function configurationErrors(area: string, issues: readonly string[]): Check[] {
  const checks = new Checks(area);
  for (const issue of issues) {
    const [what = '', ...fix] = issue.split(/(?<=\.) (?=[A-Z])/);
    checks.error('configuration', what.replace(/\.$/, ''), fix.length === 0 ? 'Correct that variable.' : fix.join(' '));
  }
  return checks.list;
}

function skipped(area: string, check: string, why: string): Check[] {
  const checks = new Checks(area);
  checks.skipped(check, why);
  return checks.list;
}

/** Each domain that mails may be sent from; not where every relay is on this machine, as in development. */
async function checkSenders(
  context: CommandContext,
  settings: DoctorSettings,
  selectors: readonly string[],
  timeoutMs: number,
): Promise<Check[]> {
  const { from, domains, returnPath } =
    'value' in settings.sender ? settings.sender.value : { from: undefined, domains: [], returnPath: undefined };
  if (from === undefined && domains.length === 0) return skipped('sender', 'spf', 'MAIL_FROM is not set');
  const providers = 'value' in settings.relays ? settings.relays.value.providers : [];
  if (providers.length === 0) return skipped('sender', 'spf', 'SMTP_URL is not known');
  if (providers.every(({ security }) => security === 'none')) return skipped('sender', 'spf', 'the relay is on this machine (?tls=off)');
  const relays = Promise.all(providers.map(({ host }) => addressesOf(context, host)));
  const results = await Promise.all(
    domains.map((domain) => {
      const envelope = returnPath === undefined ? domain : addressDomain(returnPath.address);
      const sender: Sender = { from: domain, envelope, selectors, relays };
      return checkSender(sender, context.createResolver(), timeoutMs);
    }),
  );
  return results.flat();
}

/** Where the DNS does not answer, SPF says so. */
async function addressesOf(context: CommandContext, host: string): Promise<Relay> {
  if (isIP(host) !== 0) return { host, addresses: [host] };
  const resolver = context.createResolver();
  const found = await Promise.all([resolver.resolve4(host), resolver.resolve6(host)].map((query) => query.catch(() => [])));
  return { host, addresses: found.flat() };
}

const marks: Readonly<Record<CheckStatus, readonly [mark: string, style: 'green' | 'yellow' | 'red' | 'dim']>> = {
  ok: ['✓', 'green'],
  warning: ['!', 'yellow'],
  error: ['✗', 'red'],
  skipped: ['-', 'dim'],
};

function report(context: CommandContext, checks: readonly Check[], counts: { ok: number; errors: number; warnings: number }): string {
  const lines: string[] = [];
  let title = '';
  for (const { check, subject, status, message, fix } of checks) {
    const [area = '', name = ''] = check.split('.');
    const next = subject === undefined ? area : `${area} ${oneLine(subject)}`;
    if (next !== title) lines.push(...(lines.length === 0 ? [] : ['']), styled(context, 'bold', next));
    title = next;
    const [mark, style] = marks[status];
    const indent = ' '.repeat(4);
    lines.push(`  ${styled(context, style, mark)} ${wrapped(`${name}: ${oneLine(message)}`, context.columns - 4, indent)}`);
    if (fix !== undefined)
      lines.push(`${indent}${styled(context, 'bold', '→')} ${wrapped(oneLine(sentence(fix)), context.columns - 6, ' '.repeat(6))}`);
  }
  const plural = (count: number, noun: string) => `${count} ${noun}${count === 1 ? '' : 's'}`;
  lines.push('', `${counts.ok} ok, ${plural(counts.warnings, 'warning')}, ${plural(counts.errors, 'error')}.`);
  return lines.join('\n');
}
