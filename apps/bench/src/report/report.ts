/** What a run has found: the rows with goal and outcome, as data for JSON, and as a table. */
import { cpus } from 'node:os';
import type { Results } from '../measurements/context.ts';
import { type Amount, type CostLine, type RowDefinition, rows, type Sample } from '../table/rows.ts';
import { median, type Spread, spreadOf } from '../table/statistics.ts';

/** One row of the table. */
export interface ReportRow extends Pick<RowDefinition, 'title' | 'unit' | 'goal' | 'bound'> {
  id: string;
  /** The median of the turns, and their range. */
  value: Spread;
  turns: number;
  met: boolean;
  /** Medians of what the value compares. */
  ours?: Amount;
  baseline?: Amount;
}

export interface Report {
  /** When the run began, in ISO 8601. */
  at: string;
  seconds: number;
  machine: { cpu: string; cores: number; memoryGiB: number; system: string; node: string; redis: string };
  rows: ReportRow[];
  costs: CostLine[];
  notes: string[];
}

/** Names the machine, without anything that identifies it. */
export function describeMachine(memoryBytes: number, redis: string): Report['machine'] {
  const [first] = cpus();
  return {
    cpu: first?.model.trim() ?? 'unknown',
    cores: cpus().length,
    memoryGiB: Math.round(memoryBytes / 2 ** 30),
    system: `${process.platform} ${process.arch}`,
    node: process.version,
    redis,
  };
}

/** @param wanted the rows of the report; one without a sample is left out */
export function createReport(
  at: Date,
  seconds: number,
  machine: Report['machine'],
  { samples, costs, notes }: Results,
  wanted: readonly (typeof rows)[number][] = rows,
): Report {
  const measured = wanted.flatMap(({ id, title, unit, goal, bound }) => {
    const found = samples[id];
    if (found === undefined) return [];
    const value = spreadOf(found.map((sample) => sample.value));
    const met = bound === 'min' ? value.median >= goal : value.median <= goal;
    return [{ id, title, unit, goal, bound, value, turns: found.length, met, ...amounts(found) }];
  });
  const ways = [...new Set(costs.map(({ way }) => way))];
  return {
    at: at.toISOString(),
    seconds: Math.round(seconds),
    machine,
    rows: measured,
    costs: ways.map((way) => medianCost(way, costs)),
    notes,
  };
}

/** The report as text, for a terminal. */
export function formatReport({ machine, rows: measured, costs, notes, seconds }: Report): string {
  const table = measured.map((row) => [
    row.id,
    withUnit(row.value.median, row.unit),
    `${rounded(row.value.min)} – ${rounded(row.value.max)}`,
    `${row.bound === 'min' ? '≥' : '≤'} ${withUnit(row.goal, row.unit)}`,
    row.met ? 'met' : 'missed',
    row.ours === undefined ? '' : withUnit(row.ours.number, row.ours.unit),
    row.baseline === undefined ? '' : withUnit(row.baseline.number, row.baseline.unit),
    row.title,
  ]);
  const costTable = costs.map((cost) => [
    cost.way,
    rounded(cost.mailsPerSecond),
    ...[cost.process, cost.mainThread, cost.redis, cost.smtp].map((ms) => ms.toFixed(2)),
    rounded(cost.commands),
  ]);
  return [
    `${machine.cores} cores of ${machine.cpu}, ${machine.memoryGiB} GiB, ${machine.system}, Node.js ${machine.node}, Redis ${machine.redis}; ${seconds} s`,
    '',
    ...columns([['row', 'median', 'turns', 'goal', '', 'Posthouse', 'baseline', ''], ...table], [0, 4, 7]),
    ...(costs.length === 0 ? [] : ['', 'CPU in ms per mail, and commands of Redis per mail:']),
    ...(costs.length === 0
      ? []
      : columns([['', 'mails/s', 'process', 'main thread', 'Redis', 'SMTP server', 'commands'], ...costTable], [0])),
    ...(notes.length === 0 ? [] : ['', ...notes]),
    '',
  ].join('\n');
}

/** A number with three significant digits; thousands with commas. */
export function rounded(value: number): string {
  if (Math.abs(value) >= 100) return Math.round(value).toLocaleString('en-US');
  return String(Number(value.toPrecision(Math.abs(value) >= 10 ? 3 : 2)));
}

/** A value as the table shows it. */
export function withUnit(value: number, unit: string): string {
  return unit === '×' ? `${rounded(value)} ×` : `${rounded(value)} ${unit}`;
}

function amounts(found: readonly Sample[]): { ours?: Amount; baseline?: Amount } {
  const of = (name: 'ours' | 'baseline') => {
    const values = found.flatMap((sample) => sample[name] ?? []);
    return values[0] === undefined ? {} : { [name]: { number: median(values.map(({ number }) => number)), unit: values[0].unit } };
  };
  return { ...of('ours'), ...of('baseline') };
}

function medianCost(way: string, costs: readonly CostLine[]): CostLine {
  const turns = costs.filter((cost) => cost.way === way);
  const of = (name: Exclude<keyof CostLine, 'way'>) => median(turns.map((cost) => cost[name]));
  return {
    way,
    mailsPerSecond: of('mailsPerSecond'),
    process: of('process'),
    mainThread: of('mainThread'),
    redis: of('redis'),
    smtp: of('smtp'),
    commands: of('commands'),
  };
}

/** Lines of aligned columns. @param left the columns whose text begins at the same place; in the others it ends there */
function columns(lines: readonly (readonly string[])[], left: readonly number[]): string[] {
  const widths = lines[0]?.map((_, column) => Math.max(...lines.map((line) => line[column]?.length ?? 0))) ?? [];
  return lines.map((line) =>
    line
      .map((cell, column) => (left.includes(column) ? cell.padEnd(widths[column] ?? 0) : cell.padStart(widths[column] ?? 0)))
      .join('  ')
      .trimEnd(),
  );
}
