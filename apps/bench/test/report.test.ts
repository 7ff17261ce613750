/** What the table, the JSON and the chart say, from samples that are known. */
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { readConfig } from '../src/config.ts';
import { Results } from '../src/measurements/context.ts';
import { drawChart } from '../src/report/chart.ts';
import { formatParts, timeByPart } from '../src/report/cpu-profile.ts';
import { insertReport } from '../src/report/document.ts';
import { createReport, formatReport } from '../src/report/report.ts';
import { median, percentile } from '../src/table/statistics.ts';

const machine = { cpu: 'Some <CPU>', cores: 2, memoryGiB: 8, system: 'linux x64', node: 'v20.0.0', redis: '7.0.15' };

function report() {
  const results = new Results();
  const speed = (ours: number, theirs: number) => ({
    value: ours / theirs,
    ours: { number: ours, unit: 'mails/s' },
    baseline: { number: theirs, unit: 'mails/s' },
  });
  for (const sample of [speed(1200, 300), speed(1500, 300), speed(900, 300)]) results.add('speed', sample);
  results.add('waiting-memory', { value: 4264 });
  for (const redis of [1, 3]) {
    results.costs.push({ way: 'API', mailsPerSecond: 1000, process: 1, mainThread: 0.5, redis, smtp: 0, commands: 30 });
  }
  results.notes.push('A note.');
  return createReport(new Date(0), 61.4, machine, results);
}

describe('a report', () => {
  it('has the median and the range of the turns, and whether the goal is met', () => {
    const [speed, memory, ...others] = report().rows;
    expect(speed).toMatchObject({ id: 'speed', value: { median: 4, min: 3, max: 5 }, turns: 3, met: true });
    expect(speed?.ours).toEqual({ number: 1200, unit: 'mails/s' });
    expect(memory).toMatchObject({ id: 'waiting-memory', value: { median: 4264 }, goal: 1600, met: false });
    expect(others).toEqual([]);
  });

  it('is a table', () => {
    const text = formatReport(report());
    expect(text.split('\n').map((line) => line.replace(/ +/g, ' '))).toEqual([
      '2 cores of Some <CPU>, 8 GiB, linux x64, Node.js v20.0.0, Redis 7.0.15; 61 s',
      '',
      'row median turns goal Posthouse baseline',
      'speed 4 × 3 – 5 ≥ 4 × met 1,200 mails/s 300 mails/s one worker ÷ BullMQ, compiled template and nodemailer’s pool',
      'waiting-memory 4,264 bytes 4,264 – 4,264 ≤ 1,600 bytes missed Redis memory of a waiting mail with less than 100 bytes of data',
      '',
      'CPU in ms per mail, and commands of Redis per mail:',
      ' mails/s process main thread Redis SMTP server commands',
      'API 1,000 1.00 0.50 2.00 0.00 30',
      '',
      'A note.',
      '',
    ]);
  });

  it('replaces the table of a document, and nothing around it', () => {
    const document = readFileSync(fileURLToPath(new URL('../../../docs/performance.md', import.meta.url)), 'utf8');
    const once = insertReport(document, report(), 'images/performance.svg');
    expect(
      once
        .split('\n')
        .filter((line) => /^(One run|!\[|\| `|\| API|A note)/.test(line))
        .slice(0, 6),
    ).toEqual([
      'One run on 1970-01-01: 2 cores of Some <CPU>, 8 GiB, linux x64, Node.js v20.0.0, Redis 7.0.15; it took 1 min 1 s.',
      '![How much of each goal is reached](images/performance.svg)',
      '| `speed` | one worker ÷ BullMQ, compiled template and nodemailer’s pool | 4 × | 3 – 5 | ≥ 4 × | met | 1,200 mails/s | 300 mails/s |',
      '| `waiting-memory` | Redis memory of a waiting mail with less than 100 bytes of data | 4,264 bytes | 4,264 – 4,264 | ≤ 1,600 bytes | **missed** |  |  |',
      '| API | 1,000 | 1.00 | 0.50 | 2.00 | 0.00 | 30 |',
      'A note.',
    ]);
    const [before, after] = [document.split('<!-- npm run')[0], document.split('<!-- to here -->')[1]];
    expect([once.startsWith(before ?? '-'), once.endsWith(after ?? '-')]).toEqual([true, true]);
    expect(insertReport(once, report(), 'images/performance.svg')).toBe(once);
    expect(() => insertReport('# Performance', report(), 'a.svg')).toThrow(/docs\/performance.md must contain/);
  });

  it('is a chart in which a goal that is met reaches the line', () => {
    const svg = drawChart(report());
    const bars = [...svg.matchAll(/width="([\d.]+)" height="15" fill="(#\w+)"/g)].map(([, width, color]) => [Number(width), color]);
    expect(bars).toEqual([
      [240, '#2b7a4b'],
      [90.1, '#b4602f'],
    ]);
    expect(svg).toContain('Some &lt;CPU&gt;');
  });
});

it('a profile is summed by package, without idle time', () => {
  const frame = (id: number, url: string, functionName = 'f') => ({ id, callFrame: { functionName, url } });
  const nodes = [
    frame(1, '', '(idle)'),
    frame(2, 'file:///p/node_modules/.pnpm/nodemailer@10.6.1/node_modules/nodemailer/dist/esm/mailer/index.js'),
    frame(3, 'file:///p/node_modules/.pnpm/x/node_modules/@fastify/cookie/index.js'),
    frame(4, 'node:internal/streams/writable'),
    frame(5, 'file:///p/packages/queue/dist/queue.js'),
    frame(6, '', '(garbage collector)'),
    frame(7, 'node:_tls_wrap'),
  ];
  const parts = timeByPart([{ nodes, samples: [1, 2, 3, 4, 5, 6, 7, 2], timeDeltas: [9e6, 3000, 1000, 2000, 500, 700, 600, 1000] }]);
  expect(parts).toEqual([
    { part: 'nodemailer', ms: 4 },
    { part: 'node:streams', ms: 2 },
    { part: '@fastify/cookie', ms: 1 },
    { part: 'garbage collection', ms: 0.7 },
    { part: 'node:tls', ms: 0.6 },
    { part: 'packages/queue', ms: 0.5 },
  ]);
  expect(formatParts('worker', parts)).toContain('45.5 %  nodemailer\n');
});

it('percentiles are values that were measured', () => {
  const values = Array.from({ length: 100 }, (_, n) => n + 1);
  expect([percentile(values, 0.95), percentile([7], 0.95), median([3, 1, 2]), median([4, 1, 2, 3])]).toEqual([95, 7, 2, 2.5]);
});

describe('the command line', () => {
  it('takes several rows', () => {
    expect(readConfig(['--only', 'speed', '--only', 'post,batch', '--json'])).toMatchObject({
      only: ['speed', 'post', 'batch'],
      json: true,
    });
  });

  it.each([
    [['--only', 'sped'], /--only sped: there is no such row; the rows are speed, cpu,/],
    [['--smtp', 'localhost'], /--smtp must be a URL/],
    [['--docs', '--only', 'post'], /--docs cannot be combined/],
    [['--fast'], /--fast/],
  ])('refuses %j', (args, message) => {
    expect(() => readConfig(args)).toThrow(message);
  });
});
