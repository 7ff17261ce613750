/** The report as Markdown, and its place in docs/performance.md: the text around the table stays as it was written. */
import { type Report, type ReportRow, rounded, withUnit } from './report.ts';

/** Comments between which the document has the table. */
const begin = '<!-- npm run bench -- --docs writes from here -->';
const end = '<!-- to here -->';

/**
 * @param text of the document
 * @param chart path of the chart, from the document
 * @throws when the document has no place for the table
 */
export function insertReport(text: string, report: Report, chart: string): string {
  const [before, rest] = text.split(begin);
  const after = rest?.split(end)[1];
  if (before === undefined || after === undefined) throw new Error(`docs/performance.md must contain the lines "${begin}" and "${end}"`);
  return `${before}${begin}\n\n${markdownOf(report, chart)}\n${end}${after}`;
}

function markdownOf({ at, machine, rows, costs, notes, seconds }: Report, chart: string): string {
  const where = `${machine.cores} cores of ${machine.cpu}, ${machine.memoryGiB} GiB, ${machine.system}, Node.js ${machine.node}, Redis ${machine.redis}`;
  return [
    `One run on ${at.slice(0, 10)}: ${where}; it took ${Math.floor(seconds / 60)} min ${seconds % 60} s.`,
    '',
    `![How much of each goal is reached](${chart})`,
    '',
    ...table(['row', 'what', 'median', 'turns', 'goal', '', 'Posthouse', 'baseline'], rows.map(cellsOf)),
    '',
    'CPU in ms per mail, and commands of Redis per mail:',
    '',
    ...table(
      ['way', 'mails/s', 'process', 'its main thread', 'Redis', 'SMTP server', 'commands'],
      costs.map(({ way, mailsPerSecond, process, mainThread, redis, smtp, commands }) => [
        way,
        rounded(mailsPerSecond),
        ...[process, mainThread, redis, smtp].map((ms) => ms.toFixed(2)),
        rounded(commands),
      ]),
    ),
    '',
    ...notes.flatMap((note) => [note, '']),
  ].join('\n');
}

function cellsOf({ id, title, value, unit, goal, bound, met, ours, baseline }: ReportRow): string[] {
  const amount = (of: typeof ours) => (of === undefined ? '' : withUnit(of.number, of.unit));
  return [
    `\`${id}\``,
    title,
    withUnit(value.median, unit),
    `${rounded(value.min)} – ${rounded(value.max)}`,
    `${bound === 'min' ? '≥' : '≤'} ${withUnit(goal, unit)}`,
    met ? 'met' : '**missed**',
    amount(ours),
    amount(baseline),
  ];
}

function table(head: readonly string[], lines: readonly (readonly string[])[]): string[] {
  return [head, head.map(() => '---'), ...lines].map((cells) => `| ${cells.join(' | ')} |`);
}
