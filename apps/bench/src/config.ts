/** The options of the command line. No other file of this app reads it. */
import { parseArgs } from 'node:util';
import { type RowId, rows } from './table/rows.ts';

export const usage = `Usage: npm run bench [-- options]

Measures what a mail costs, as ratios to what it costs without Posthouse, all in one run. Run it on a machine that does nothing else.

  --only <row>    only what these rows need: several with commas, or repeated. The rows:
${rows.map(({ id, title }) => `                    ${id.padEnd(15)} ${title}`).join('\n')}
  --smtp <url>    send to this SMTP server, such as smtps://user:password@host:465, and not to the measuring one. Rows that need
                  to know when a message arrives are left out. It receives thousands of mails to example.net.
  --profile       also CPU profiles of worker and API, summed by package. They make both slower: do not compare such a run
  --docs          also writes the table into docs/performance.md, and the chart to docs/images/performance.svg; only with all rows
  --full          100,000 mails of low priority in place of 20,000; takes some minutes more
  --out <folder>  where bench.json, bench.svg and the profiles are written; default: .posthouse/bench
  --json          write the report as JSON to stdout, and no table
  --help          show this text
`;

export interface BenchConfig {
  only: readonly RowId[];
  smtpUrl: string | undefined;
  profile: boolean;
  full: boolean;
  docs: boolean;
  out: string;
  json: boolean;
  help: boolean;
}

/** @throws Error that names the first wrong option */
export function readConfig(args: readonly string[] = process.argv.slice(2)): BenchConfig {
  const flag = { type: 'boolean', default: false } as const;
  const { values } = parseArgs({
    args: [...args],
    options: {
      only: { type: 'string', multiple: true, default: [] },
      smtp: { type: 'string' },
      profile: flag,
      full: flag,
      docs: flag,
      out: { type: 'string', default: '.posthouse/bench' },
      json: flag,
      help: flag,
    },
  });
  const ids = rows.map(({ id }) => id);
  const wanted = values.only.flatMap((names) => names.split(','));
  const unknown = wanted.find((name) => !ids.includes(name as RowId));
  if (unknown !== undefined) throw new Error(`--only ${unknown}: there is no such row; the rows are ${ids.join(', ')}`);
  if (values.smtp !== undefined && !/^smtps?:\/\/[^/]/.test(values.smtp)) {
    throw new Error('--smtp must be a URL such as smtps://user:password@smtp.example.com:465');
  }
  if (values.docs && (wanted.length > 0 || values.smtp !== undefined || values.profile)) {
    throw new Error('--docs cannot be combined with --only, --smtp or --profile: the document has all rows of one run');
  }
  const { smtp: smtpUrl, only: _names, ...rest } = values;
  return { ...rest, only: wanted as RowId[], smtpUrl };
}
