/** One row is measured on real processes with a few mails, and then reported. The numbers are not judged: the machine may be busy. */
import { expect, it } from 'vitest';
import { runBench } from '../src/bench.ts';
import { drawChart } from '../src/report/chart.ts';
import { formatReport } from '../src/report/report.ts';
import { defaultSizes } from '../src/table/sizes.ts';

it('measures a row beside its baseline, and reports it', async () => {
  const progress: string[] = [];
  const sizes = { ...defaultSizes, turns: 1, clients: 5, sending: { mails: 30, warmUp: 5 } };
  const report = await runBench({ only: ['speed'], sizes, log: (line) => progress.push(line) });

  const [row] = report.rows;
  expect(report.rows.map(({ id }) => id)).toEqual(['speed']);
  expect(row).toMatchObject({ goal: 4, bound: 'min', turns: 1, ours: { unit: 'mails/s' }, baseline: { unit: 'mails/s' } });
  expect(row?.value.median).toBeCloseTo((row?.ours?.number ?? 0) / (row?.baseline?.number ?? 0));
  expect(report.costs.map(({ way }) => way)).toEqual(['Posthouse', 'tutorial', 'bare']);
  for (const { commands, redis } of report.costs) expect(Math.min(commands, redis)).toBeGreaterThan(0);
  expect(progress).toEqual([expect.stringMatching(/^sending, turn 1 of 1: Posthouse \d+\/s, tutorial \d+\/s, bare \d+\/s$/)]);

  expect(formatReport(report)).toMatch(/^speed .* ≥ 4 × +(met|missed) .* mails\/s/m);
  expect(drawChart(JSON.parse(JSON.stringify(report)))).toContain('goal ≥ 4 ×');
});
