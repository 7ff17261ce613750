/**
 * `npm run test:alerts`: checks the alert rules of deploy/prometheus with promtool, and fires and clears each of them by a real fault. It needs
 * promtool, which `npm test` does not.
 */
import './setup/node-version.mjs';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { CommandError, run } from './setup/command.mjs';
import { step } from './setup/progress.mjs';
import { root } from './setup/root.mjs';
import { runMain } from './setup/run-main.mjs';
import { setUp } from './setup/setup.mjs';

const folder = join(root, 'deploy/prometheus');

async function checkPromtool() {
  await run('promtool', ['--version']).catch(() => {
    throw new CommandError('promtool is not on PATH', 'On Debian: apt-get install --no-install-recommends prometheus');
  });
}

async function checkRules() {
  await run('promtool', ['check', 'rules', join(folder, 'posthouse.rules.yml')]);
  await run('promtool', ['test', 'rules', join(folder, 'posthouse.rules.test.yml')]);
}

/** As recording rules, which promtool parses. */
async function checkDashboard() {
  /** @type {{ panels: { targets?: { expr: string }[] }[] }} */
  const { panels } = JSON.parse(readFileSync(join(root, 'deploy/grafana/posthouse.json'), 'utf8'));
  const expressions = panels.flatMap(({ targets = [] }) => targets.map(({ expr }) => expr.replaceAll('$__rate_interval', '5m')));
  const dir = mkdtempSync(join(tmpdir(), 'posthouse-alerts-'));
  const file = join(dir, 'rules.json');
  const rules = expressions.map((expr, n) => ({ record: `panel:${n}`, expr }));
  writeFileSync(file, JSON.stringify({ groups: [{ name: 'dashboard', rules }] }));
  await run('promtool', ['check', 'rules', file]).finally(() => rmSync(dir, { recursive: true }));
}

await setUp(['install', 'build', 'redis']);
const checks = { promtool: checkPromtool, 'alert rules': checkRules, 'expressions of the dashboard': checkDashboard };
let passed = true;
for (const [name, check] of Object.entries(checks)) passed = passed && (await step(name, check));
if (passed) {
  process.env['POSTHOUSE_ALERTS'] = '1';
  await runMain('node_modules/vitest/vitest.mjs', ['run', 'apps/worker/test/alerts/alerts.full.ts', ...process.argv.slice(2)]);
} else process.exitCode = 1;
