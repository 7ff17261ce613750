/** `npm run bench`. The table goes to stdout, progress to stderr. */
import { mkdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { runBench } from './bench.ts';
import { type BenchConfig, readConfig, usage } from './config.ts';
import { drawChart } from './report/chart.ts';
import { formatParts, readProfiles, timeByPart } from './report/cpu-profile.ts';
import { formatReport } from './report/report.ts';
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

async function run({ only, smtpUrl, profile, full, out, json }: BenchConfig): Promise<void> {
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
  process.stdout.write(json ? `${JSON.stringify(report, undefined, 2)}\n` : `\n${formatReport(report)}`);
  if (profiles !== undefined) {
    for (const app of ['worker', 'api']) {
      const text = formatParts(app, timeByPart(await readProfiles(join(profiles, app)).catch(() => [])));
      (json ? process.stderr : process.stdout).write(`\n${text}`);
    }
  }
  process.stderr.write(`Written: ${join(out, 'bench.json')} and bench.svg\n`);
}
