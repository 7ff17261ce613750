/**
 * Which process uses which template set: each process reports it every few seconds, and Redis expires what is not reported again. Issues of a
 * refused set can quote a sample or a template, so a report is sealed.
 */
import { hostname } from 'node:os';
import type { Service } from '@posthouse/contract';
import type { RequestConnection } from '../connection/request-connection.ts';
import { newMailId } from '../record/new-record.ts';
import { templateSetKeys } from '../redis/keys.ts';
import { runScript } from '../redis/script.ts';
import { storeTemplateSetReport } from './monitoring-scripts.ts';

/** What is wrong with a refused set. */
interface ReportedIssue {
  /** Relative to the set's folder. */
  file: string;
  line?: number;
  message: string;
  fix: string;
}

/** The template set of a process. */
export interface TemplateSetState {
  /** Of its content. */
  hash: string;
  /** When this process loaded it, ms since the epoch. */
  since: number;
  /** The set in the folder, where the process refused it: when, ms since the epoch, and why. */
  refused?: { hash?: string; at: number; count: number; issues: ReportedIssue[] };
}

/** A process and its template set. */
export interface TemplateSetReport extends TemplateSetState {
  /** Which process it is: `api`, `worker` or `dashboard`. */
  app: string;
  /** The machine. */
  host: string;
  pid: number;
  /** When it last reported, ms since the epoch. */
  seenAt: number;
}

/** Issues of one report; of more, their number is known. */
const maxIssues = 50;

/** How many sets are remembered with the time of their first use. */
const maxSets = 100;

/** The set of a process, as packages/templates has it. */
interface ReportedSet {
  readonly current: { readonly hash: string };
  readonly since: number;
  readonly refused: { readonly hash: string | undefined; readonly at: number; readonly issues: readonly ReportedIssue[] } | undefined;
}

/** @returns what is reported of a set */
export function templateSetState({ current, since, refused }: ReportedSet): TemplateSetState {
  const shown = ({ file, line, message, fix }: ReportedIssue) => ({ file, ...(line !== undefined && { line }), message, fix });
  return {
    hash: current.hash,
    since,
    ...(refused !== undefined && {
      refused: {
        ...(refused.hash !== undefined && { hash: refused.hash }),
        at: refused.at,
        count: refused.issues.length,
        issues: refused.issues.slice(0, maxIssues).map(shown),
      },
    }),
  };
}

/** Reports the template set of one process as long as it runs. While Redis is down nothing is reported. */
export class TemplateSetReporter implements Service {
  readonly name = 'report of the template set';
  readonly #connection: RequestConnection;
  readonly #app: string;
  readonly #set: ReportedSet;
  readonly #id = newMailId();
  #timer: NodeJS.Timeout | undefined;
  #reporting: Promise<void> | undefined;
  /** The set may have changed since the report that is being stored. */
  #isOutdated = false;
  #isStopped = false;

  constructor(connection: RequestConnection, app: string, set: ReportedSet) {
    this.#connection = connection;
    this.#app = app;
    this.#set = set;
  }

  async start(): Promise<void> {
    this.#timer = setInterval(() => this.report(), this.#connection.timings.heartbeat.intervalMs);
    this.report();
  }

  async stop(): Promise<void> {
    this.#isStopped = true;
    clearInterval(this.#timer);
    await this.#reporting;
    await this.#connection.run(({ redis }) => redis.del(templateSetKeys(this.#id).report)).catch(() => undefined);
  }

  /** Reports at once, such as after a change. */
  report(): void {
    if (this.#isStopped) return;
    this.#isOutdated = true;
    this.#reporting ??= this.#storeLatest().finally(() => {
      this.#reporting = undefined;
    });
  }

  async #storeLatest(): Promise<void> {
    while (this.#isOutdated && !this.#isStopped) {
      this.#isOutdated = false;
      await this.#store().catch(() => undefined);
    }
  }

  async #store(): Promise<void> {
    const { sealer, timings } = this.#connection;
    const state = templateSetState(this.#set);
    const report = { ...state, app: this.#app, host: hostname(), pid: process.pid };
    const value = sealer.seal(JSON.stringify(report), sealedAs(this.#id));
    const args = { id: this.#id, value, expiry: timings.heartbeat.gone, hash: state.hash, maxSets };
    await this.#connection.run(({ redis }) => runScript(redis, storeTemplateSetReport, templateSetKeys(this.#id), args));
  }
}

/** Reads the reports. */
export class TemplateSetReports {
  readonly #connection: RequestConnection;

  constructor(connection: RequestConnection) {
    this.#connection = connection;
  }

  /**
   * The processes that report, by kind and machine, and when each set that they use was first used, by its hash.
   * Reports that cannot be read with this POSTHOUSE_SECRET are left out.
   *
   * @throws QueueUnavailable
   */
  async list(): Promise<{ processes: TemplateSetReport[]; firstUsed: ReadonlyMap<string, number> }> {
    const keys = templateSetKeys();
    return await this.#connection.run(async ({ redis }) => {
      const [scores, sets] = await Promise.all([
        redis.zrange(keys.reports, '0', '-1', 'WITHSCORES'),
        redis.zrange(keys.sets, '0', '-1', 'WITHSCORES'),
      ]);
      const seen = pairs(scores);
      const stored = await Promise.all(seen.map(([id]) => redis.getBuffer(templateSetKeys(id).report)));
      const processes = seen.flatMap(([id, seenAt], n) => this.#read(id, stored[n] ?? null, seenAt));
      const order = ({ app, host, pid }: TemplateSetReport) => `${app} ${host} ${pid}`;
      return { processes: processes.sort((a, b) => (order(a) < order(b) ? -1 : 1)), firstUsed: new Map(pairs(sets)) };
    });
  }

  #read(id: string, stored: Buffer | null, seenAt: number): TemplateSetReport[] {
    try {
      if (stored === null) return [];
      return [{ ...(JSON.parse(this.#connection.sealer.decrypt(stored, sealedAs(id))) as Omit<TemplateSetReport, 'seenAt'>), seenAt }];
    } catch {
      // It was altered, or sealed with a key that this process does not have. The others must work.
      return [];
    }
  }
}

function pairs(scores: readonly string[]): [string, number][] {
  return scores.flatMap((member, n): [string, number][] => (n % 2 === 0 ? [[member, Number(scores[n + 1])]] : []));
}

function sealedAs(id: string): string {
  return `template-set/${id}`;
}
