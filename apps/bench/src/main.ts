/** `npm run bench`. The table goes to stdout, progress to stderr. */
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { runBench } from './bench.ts';
import { type BenchConfig, readConfig, usage } from './config.ts';
import { drawChart } from './report/chart.ts';
import { formatParts, readProfiles, timeByPart } from './report/cpu-profile.ts';
import { insertReport } from './report/document.ts';
import { formatReport, type Report } from './report/report.ts';
import { defaultSizes, fullSizes } from './table/sizes.ts';

const interruption = new AbortController();
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => interruption.abort());

try {
  const config = readConfig();
  if (config.help) process.stdout.write(usage);
  else await run(config);
  process.exit(0);
} catch (error) {
  const { name, message, stack } = error as Error;
  if (name === 'AbortError') process.stderr.write('Interrupted\n');
  else process.stderr.write(`✗ ${name === 'TypeError' || name === 'Error' ? message : stack}\n`);
  process.exit(1);
}

async function run({ only, smtpUrl, profile, full, docs, out, json }: BenchConfig): Promise<void> {
  const began = performance.now();
  const profiles = profile ? join(out, 'profiles') : undefined;
  await mkdir(out, { recursive: true });
  if (profiles !== undefined) await rm(profiles, { recursive: true, force: true });
  const log = (line: string) => {
    const seconds = Math.round((performance.now() - began) / 1000);
    process.stderr.write(`${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, '0')} ${line}\n`);
  };
  const sizes = full ? fullSizes : defaultSizes;
  const report = await runBench({ only, smtpUrl, sizes, profiles, log, signal: interruption.signal });
  await writeFile(join(out, 'bench.json'), `${JSON.stringify(report, undefined, 2)}\n`);
  await writeFile(join(out, 'bench.svg'), drawChart(report));
  if (docs) await writeDocument(report);
  process.stdout.write(json ? `${JSON.stringify(report, undefined, 2)}\n` : `\n${formatReport(report)}`);
  if (profiles !== undefined) {
    for (const app of ['worker', 'api']) {
      const profiled = await readProfiles(join(profiles, app)).catch(() => []);
      if (profiled.length === 0) continue;
      const text = formatParts(app, timeByPart(profiled));
      (json ? process.stderr : process.stdout).write(`\n${text}`);
    }
  }
  process.stderr.write(`Written: ${join(out, 'bench.json')} and bench.svg\n`);
}

async function writeDocument(report: Report): Promise<void> {
  const docsDir = fileURLToPath(new URL('../../../docs', import.meta.url));
  const document = join(docsDir, 'performance.md');
  await writeFile(document, insertReport(await readFile(document, 'utf8'), report, 'images/performance.svg'));
  await writeFile(join(docsDir, 'images', 'performance.svg'), drawChart(report));
}
