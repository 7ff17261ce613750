/** What of a measured queue needs an operator. The same bounds as those of the alert rules in deploy/prometheus. */
import { hour, type Incident, limits, meaningOfCircuit, minute, type Timings } from '@posthouse/contract';
import type { RedisRisk } from '../redis/connection-log.ts';
import { type DuePriority, duePriorities, type QueueMeasurement } from './queue-measurement.ts';
import { refusesLogin } from './queue-metrics.ts';
import type { Traffic } from './traffic.ts';

/** Where a service forbids to read the settings, nothing is known to be wrong. */
const riskSummaries: Readonly<Record<Exclude<RedisRisk, 'unknown'>, string>> = {
  evicts: 'Redis may evict mails when it is full',
  forgets: 'Redis may lose accepted mails in a crash',
};

/** @param traffic of the last `limits.incidents.minutes` */
export function incidentsIn(
  measured: QueueMeasurement,
  traffic: Pick<Traffic, 'sent' | 'failed'>,
  timings: Pick<Timings['monitoring'], 'overdue' | 'longPause'>,
): Incident[] {
  const isPaused = measured.pauses.has('everything') || measured.pauses.has('tool');
  return [
    ...(isPaused ? [] : waiting(measured, timings.overdue)),
    ...measured.providers.flatMap(providerIncidents),
    ...failures(traffic),
    ...(measured.mails.uncertain > 0
      ? [warning('uncertain', `${mailsAre(measured.mails.uncertain)} uncertain: a person must decide`)]
      : []),
    ...[...measured.pauses]
      .filter(([, ms]) => ms > timings.longPause)
      .map(([scope]) => warning('paused-long', `a pause (${scope}) has lasted for more than ${hours(timings.longPause)} hours`, scope)),
    ...measured.redisRisks.flatMap((risk) => (risk === 'unknown' ? [] : [warning('redis-not-durable', riskSummaries[risk], risk)])),
  ];
}

/** That an incident is over, as its summary: one sentence. */
export function endOf({ kind, subject = '' }: Pick<Incident, 'kind' | 'subject'>): string {
  switch (kind) {
    case 'no-worker':
      return 'a worker runs again, or no mail is due any more';
    case 'mail-overdue':
      return `no mail of the priority ${subject} is overdue any more`;
    case 'circuit-open':
      return `the provider ${subject} is no longer down`;
    case 'login-refused':
      return `the provider ${subject} no longer refuses the login`;
    case 'failure-ratio':
      return 'the share of mails that fail is low again';
    case 'uncertain':
      return 'no mail is uncertain any more';
    case 'paused-long':
      return `the long pause (${subject}) is over`;
    case 'redis-not-durable':
      return `the risk that ${riskSummaries[subject as keyof typeof riskSummaries] ?? subject} is over`;
  }
}

/** Distinguishes the incidents of one queue. */
export function incidentId({ kind, subject }: Pick<Incident, 'kind' | 'subject'>): string {
  return subject === undefined ? kind : `${kind}:${subject}`;
}

function waiting({ due, workers }: QueueMeasurement, overdue: Timings['monitoring']['overdue']): Incident[] {
  const mails = duePriorities.reduce((sum, priority) => sum + due[priority].mails, 0);
  const late = duePriorities.filter((priority: DuePriority) => due[priority].oldestMs > overdue[priority]);
  return [
    ...(workers === 0 && mails > 0
      ? [{ kind: 'no-worker', severity: 'critical', summary: `${mailsAre(mails)} due and no worker runs` } as const]
      : []),
    ...late.map((subject) => ({
      kind: 'mail-overdue' as const,
      subject,
      severity: subject === 'high' ? ('critical' as const) : ('warning' as const),
      summary: `a mail of the priority ${subject} has been due for ${minutesOf(due[subject].oldestMs)}`,
    })),
  ];
}

function providerIncidents(provider: QueueMeasurement['providers'][number]): Incident[] {
  const { name, circuit, reason = '', account, step } = provider;
  if (circuit === 'closed') return [];
  const meaning = meaningOfCircuit({ reason, account, step });
  const why = meaning === undefined ? reason : `${reason} (${meaning})`;
  const open = warning('circuit-open', `the provider ${name} is not used, because it fails: ${why}`, name);
  if (!refusesLogin(provider)) return [open];
  return [open, { kind: 'login-refused', subject: name, severity: 'critical', summary: `the provider ${name} refuses the login: ${why}` }];
}

function failures({ sent, failed }: Pick<Traffic, 'sent' | 'failed'>): Incident[] {
  const { failureRatio, failures: min, minutes } = limits.incidents;
  const ratio = failed / (sent + failed);
  if (failed < min || ratio <= failureRatio) return [];
  return [warning('failure-ratio', `${Math.round(ratio * 100)} % of the mails of the last ${minutes} minutes failed (${failed})`)];
}

function warning(kind: Incident['kind'], summary: string, subject?: string): Incident {
  return { kind, severity: 'warning', summary, ...(subject !== undefined && { subject }) };
}

function mailsAre(count: number): string {
  return count === 1 ? '1 mail is' : `${count} mails are`;
}

function minutesOf(ms: number): string {
  const count = Math.round(ms / minute);
  return count === 1 ? '1 minute' : `${count} minutes`;
}

function hours(ms: number): number {
  return Math.round(ms / hour);
}
