/**
 * Notifies over one channel when an incident begins and when it ends, once each. Every process that knows the channel runs one; the one that has the
 * lease notifies. What was reported is stored in Redis, so that another process goes on where it ends. A target that hangs keeps only this waiting.
 */
import { randomUUID } from 'node:crypto';
import { setTimeout } from 'node:timers/promises';
import { type Incident, type IncidentKind, type IncidentMessage, limits, minute, type Service } from '@posthouse/contract';
import { claimLease } from '../connection/lease.ts';
import type { RequestConnection } from '../connection/request-connection.ts';
import { incidentsKey, notifierKey } from '../redis/keys.ts';
import { redisTime } from '../redis/redis-time.ts';
import { endOf, incidentId, incidentsIn } from './incidents.ts';
import { QueueMeter } from './queue-measurement.ts';
import { TrafficHistory } from './traffic.ts';

/** How a channel reaches its target. */
export interface IncidentChannel {
  /** Names the channel in Redis and in the log. */
  name: string;
  /** Sends a message. Rejects when it is not known to have arrived. */
  send: (message: IncidentMessage) => Promise<void>;
  /** Whether nothing but what is always urgent is sent at this time (ms since the epoch). */
  isQuiet: (now: number) => boolean;
}

/** Called with what happened to a message; `error` where it did not arrive. */
type OnSent = (fields: { channel: string; kind: IncidentKind; subject?: string; event: 'began' | 'ended' }, error?: Error) => void;

/** An incident as a channel knows it. Times are ms since the epoch. */
interface KnownIncident extends Incident {
  since: number;
  /** Its beginning was reported. */
  isReported: boolean;
  /** Since when it has not been found. */
  goneSince?: number;
  /** Of the message that is to be sent next. */
  tries: number;
}

/** Looks for incidents at an interval. */
export class IncidentNotifier implements Service {
  readonly name: string;
  readonly #connection: RequestConnection;
  readonly #channel: IncidentChannel;
  readonly #onSent: OnSent;
  readonly #meter: QueueMeter;
  readonly #traffic: TrafficHistory;
  readonly #holder = randomUUID();
  #timer: NodeJS.Timeout | undefined;
  #running: Promise<void> | undefined;

  constructor(connection: RequestConnection, channel: IncidentChannel, onSent: OnSent) {
    this.name = `notifier (${channel.name})`;
    this.#connection = connection;
    this.#channel = channel;
    this.#onSent = onSent;
    this.#meter = new QueueMeter(connection);
    this.#traffic = new TrafficHistory(connection);
  }

  async start(): Promise<void> {
    this.#timer = setInterval(() => this.#tick(), this.#connection.timings.monitoring.notifier.intervalMs);
    this.#tick();
  }

  /** Waits for the message that is being sent, and lets another process notify: where it is still being sent, once the lease has ended. */
  async stop(): Promise<void> {
    clearInterval(this.#timer);
    this.#timer = undefined;
    // A target that hangs must not hold up the process.
    await Promise.race([this.#running, setTimeout(this.#connection.timings.monitoring.notifier.target, undefined, { ref: false })]);
    if (this.#running !== undefined) return;
    const key = notifierKey(this.#channel.name);
    const release = async () => {
      if (await this.#hasLease()) await this.#connection.run(({ redis }) => redis.del(key));
    };
    await release().catch(() => undefined);
  }

  /** One check at a time; while Redis is down, nothing can be checked. */
  #tick(): void {
    if (this.#running !== undefined) {
      // A server may take longer than the lease to accept a mail: until then no other process may notify of the same.
      this.#hasLease().catch(() => undefined);
      return;
    }
    this.#running = this.#check()
      .catch(() => undefined)
      .finally(() => {
        this.#running = undefined;
      });
  }

  async #hasLease(): Promise<boolean> {
    const { lease } = this.#connection.timings.monitoring.notifier;
    return await claimLease(this.#connection, notifierKey(this.#channel.name), this.#holder, lease);
  }

  async #check(): Promise<void> {
    if (!(await this.#hasLease())) return;
    const { monitoring } = this.#connection.timings;
    const steps = await this.#traffic.steps(minute, limits.incidents.minutes);
    const total = (event: 'sent' | 'failed') => steps.reduce((sum, step) => sum + step[event], 0);
    const traffic = { sent: total('sent'), failed: total('failed') };
    const found = new Map(
      incidentsIn(await this.#meter.measure(), traffic, monitoring).map((incident) => [incidentId(incident), incident]),
    );
    const known = await this.#known();
    const now = await this.#connection.run(({ redis }) => redisTime(redis));
    for (const [id, incident] of found) {
      if (!(await this.#hasLease())) return;
      const before = known.get(id) ?? { since: now, isReported: false, tries: 0 };
      await this.#isFound(id, { ...before, ...incident }, now);
    }
    for (const [id, incident] of known) {
      if (found.has(id)) continue;
      if (!(await this.#hasLease())) return;
      await this.#isGone(id, incident, now);
    }
  }

  async #isFound(id: string, { goneSince: _gone, ...incident }: KnownIncident, now: number): Promise<void> {
    const isDue = now - incident.since >= this.#connection.timings.monitoring.notifier.after[incident.kind];
    // Without a worker nothing at all is sent: that is never left for the morning.
    const mayWait = incident.kind !== 'no-worker' && this.#channel.isQuiet(now);
    if (incident.isReported || !isDue || mayWait || incident.tries >= limits.incidents.tries) return await this.#store(id, incident);
    const isReported = await this.#send(incident, 'began');
    await this.#store(id, { ...incident, isReported, tries: isReported ? 0 : incident.tries + 1 });
  }

  async #isGone(id: string, { goneSince, ...incident }: KnownIncident, now: number): Promise<void> {
    const since = goneSince ?? now;
    const gone = { ...incident, goneSince: since };
    if (now - since < this.#connection.timings.monitoring.notifier.gone) return await this.#store(id, gone);
    if (!incident.isReported || incident.tries >= limits.incidents.tries) return await this.#remove(id);
    if (incident.kind !== 'no-worker' && this.#channel.isQuiet(now)) return await this.#store(id, gone);
    if (await this.#send(incident, 'ended', since)) await this.#remove(id);
    else await this.#store(id, { ...gone, tries: incident.tries + 1 });
  }

  /** @returns whether it arrived */
  async #send({ kind, subject, severity, summary, since }: KnownIncident, event: 'began' | 'ended', until?: number): Promise<boolean> {
    const named = { kind, ...(subject !== undefined && { subject }) };
    const message: IncidentMessage = {
      version: 1,
      event,
      ...named,
      severity,
      summary: event === 'began' ? summary : endOf(named),
      since: new Date(since).toISOString(),
      ...(until !== undefined && { until: new Date(until).toISOString() }),
      runbook: `docs/operations.md#posthouse${kind.replaceAll('-', '')}`,
    };
    const error = await this.#channel.send(message).then(
      () => undefined,
      (reason: Error) => reason,
    );
    this.#onSent({ channel: this.#channel.name, ...named, event }, error);
    return error === undefined;
  }

  /** What was edited does not count. */
  async #known(): Promise<Map<string, KnownIncident>> {
    const stored = await this.#connection.run(({ redis }) => redis.hgetall(incidentsKey(this.#channel.name)));
    const known = new Map<string, KnownIncident>();
    for (const [id, json] of Object.entries(stored)) {
      try {
        known.set(id, JSON.parse(json));
      } catch {}
    }
    return known;
  }

  async #store(id: string, incident: KnownIncident): Promise<void> {
    await this.#connection.run(({ redis }) => redis.hset(incidentsKey(this.#channel.name), id, JSON.stringify(incident)));
  }

  async #remove(id: string): Promise<void> {
    await this.#connection.run(({ redis }) => redis.hdel(incidentsKey(this.#channel.name), id));
  }
}
