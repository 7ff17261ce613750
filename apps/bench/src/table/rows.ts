/** The rows of the table: what is measured, in which unit, and which value is the goal. */

export interface RowDefinition {
  id: string;
  title: string;
  /** What the value is: a ratio to the baseline, or an amount of its own. */
  unit: '×' | 'mails/s' | 'ms' | 'bytes' | '%';
  goal: number;
  /** Whether the goal is a lower or an upper bound. */
  bound: 'min' | 'max';
  /** Needs the measuring SMTP server, which notes when a message arrives. */
  needsSink?: true;
}

export const rows = [
  row('speed', 'one worker ÷ BullMQ, compiled template and nodemailer’s pool', '×', 'min', 4),
  row('cpu', 'CPU of the worker per mail ÷ SMTPConnection with ready bytes and an empty job', '×', 'max', 1.5),
  row('redis-cpu', 'CPU of Redis per mail, accepted and sent', 'ms', 'max', 0.45),
  row('waiting-memory', 'Redis memory of a waiting mail with less than 100 bytes of data', 'bytes', 'max', 1600),
  row('sent-memory', 'Redis memory of a sent mail, with transcript and indexes, without kept content', 'bytes', 'max', 2000),
  row('post', 'POST /v1/mails, 50 clients ÷ Queue.add', '×', 'min', 0.4),
  row('post-p95', 'POST /v1/mails, 50 clients: p95', 'ms', 'max', 15),
  row('batch', 'mails in batches of 100 ÷ Queue.add', '×', 'min', 0.8),
  row('submission', 'SMTP submission, 10 connections', 'mails/s', 'min', 300),
  row('submission-p95', 'SMTP submission, 10 connections: p95', 'ms', 'max', 30),
  row('latency', 'request → arrived at 50 mails/s: p95 over a bare SMTP transaction', 'ms', 'max', 8, true),
  row('first-mail', 'request → arrived: first mail of a new worker process', 'ms', 'max', 30, true),
  row('idle-mail', 'request → arrived: all connections were closed before', 'ms', 'max', 15, true),
  row('workers', '4 workers ÷ 1, a server with 50 ms more per reply', '×', 'min', 3.8, true),
  row('priority', 'request → arrived: high priority behind low: p95', 'ms', 'max', 51, true),
  row('rss', 'memory of the worker: growth while these are sent', '%', 'max', 10, true),
] as const;

export type RowId = (typeof rows)[number]['id'];

function row<const Id extends string>(
  id: Id,
  title: string,
  unit: RowDefinition['unit'],
  bound: RowDefinition['bound'],
  goal: number,
  needsSink?: true,
): RowDefinition & { id: Id } {
  return { id, title, unit, bound, goal, ...(needsSink && { needsSink }) };
}

/** What one turn found for a row. */
export interface Sample {
  value: number;
  /** What the value compares, in words: `312 mails/s`. */
  ours?: Amount;
  baseline?: Amount;
}

/** A number and its unit, such as `mails/s`. */
export interface Amount {
  number: number;
  unit: string;
}

/** The samples of all turns. */
export type Samples = Partial<Record<RowId, Sample[]>>;

/** Where a process used its CPU time, for each mail; the lines below the table. */
export interface CostLine {
  way: string;
  mailsPerSecond: number;
  /** ms per mail: of the process, of its first thread, of Redis, and of the SMTP server. */
  process: number;
  mainThread: number;
  redis: number;
  smtp: number;
  /** Redis commands per mail, those inside scripts included. */
  commands: number;
}
