/** Alert rules, dashboard and docs/metrics.md: they parse, name only metrics that exist, and all of them; each alert has a section that says what to do. */
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { readPackages } from './workspace.ts';

interface Rule {
  alert: string;
  expr: string;
  for: string;
  labels: { severity: string };
  annotations: { summary: string; runbook: string };
}

interface Panel {
  id: number;
  title: string;
  gridPos: { x: number; y: number; w: number; h: number };
  targets?: { expr: string }[];
}

const text = (file: string) => readFileSync(new URL(`../${file}`, import.meta.url), 'utf8');
const rules: Rule[] = parse(text('deploy/prometheus/posthouse.rules.yml')).groups.flatMap((group: { rules: Rule[] }) => group.rules);
const { panels }: { panels: Panel[] } = JSON.parse(text('deploy/grafana/posthouse.json'));

/** What the sources define; a histogram has three names more. */
const definitions = readPackages()
  .flatMap(({ src }) => src)
  .flatMap(({ code }) => [...code.matchAll(/\.(counter|gauge|durations)\(\s*'(posthouse_[a-z_]+)'/g)]);
const defined = new Set(definitions.map(([, , name]) => name as string));
const histograms = definitions.flatMap(([, kind, name]) => (kind === 'durations' ? [name as string] : []));
const known = new Set([...defined, ...histograms.flatMap((name) => [`${name}_bucket`, `${name}_sum`, `${name}_count`])]);

const namesIn = (source: string) => new Set([...source.matchAll(/\bposthouse_[a-z_]+[a-z]\b/g)].map(([name]) => name));

describe('metrics', () => {
  it('that the sources define are all in docs/metrics.md and on the dashboard', () => {
    expect(defined.size).toBeGreaterThan(25);
    const [documented, shown] = [namesIn(text('docs/metrics.md')), namesIn(JSON.stringify(panels))];
    expect([...defined].filter((name) => !documented.has(name))).toEqual([]);
    expect([...defined].filter((name) => !shown.has(name) && !shown.has(`${name}_bucket`))).toEqual([]);
  });

  it.each([
    'deploy/prometheus/posthouse.rules.yml',
    'deploy/prometheus/posthouse.rules.test.yml',
    'deploy/grafana/posthouse.json',
    'docs/metrics.md',
  ])('that %s names exist', (file) => {
    const named = [...namesIn(text(file))];
    expect(named.length).toBeGreaterThan(3);
    expect(named.filter((name) => !known.has(name))).toEqual([]);
  });
});

it.each(rules)('the alert $alert says since when it rings, how bad it is, and what to do', (rule) => {
  expect(rule).toMatchObject({
    for: expect.stringMatching(/^\d+[mh]$/),
    labels: { severity: expect.stringMatching(/^(critical|warning)$/) },
  });
  expect(rule.annotations.summary.length).toBeGreaterThan(20);
  const [, heading = ''] = /^docs\/operations\.md#(\w+)$/.exec(rule.annotations.runbook) ?? [];
  expect(text('docs/operations.md').toLowerCase()).toContain(`\n### ${heading}\n`);
});

it('the panels of the dashboard do not overlap, and each has an expression', () => {
  expect(new Set(panels.map(({ id }) => id)).size).toBe(panels.length);
  const cells = panels.flatMap(({ gridPos: { x, y, w, h } }) =>
    Array.from({ length: w * h }, (_, n) => `${x + (n % w)} ${y + Math.floor(n / w)}`),
  );
  expect(new Set(cells).size).toBe(cells.length);
  expect(panels.filter(({ gridPos: { x, w } }) => x + w > 24)).toEqual([]);
  for (const { title, targets = [] } of panels.slice(1)) if (targets.length > 0) expect([title, targets[0]?.expr]).not.toContain('');
});
