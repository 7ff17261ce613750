/** The findings of `templates check` for a terminal, by file. */
import type { Finding } from '@posthouse/templates/check';
import type { CommandContext } from '../../command.ts';
import { oneLine, styled } from '../../terminal-text.ts';
import { type CheckReport, countOf, pathOf } from './check-report.ts';

type Painter = Pick<CommandContext, 'colors'>;

/** @param painter whether there are colours */
export function textReport(report: CheckReport, painter: Painter): string {
  const { findings, names } = report;
  const checked = count(names.length, 'template');
  if (findings.length === 0) return `${styled(painter, 'green', '✓')} ${checked} checked, nothing is wrong`;
  const byFile = new Map<string, Finding[]>();
  for (const finding of findings) byFile.set(pathOf(report, finding), [...(byFile.get(pathOf(report, finding)) ?? []), finding]);
  const blocks = [...byFile].map(
    ([path, own]) => `${styled(painter, 'bold', oneLine(path))}\n${own.map((each) => entry(each, painter)).join('\n')}`,
  );
  const errors = countOf(findings, 'error');
  const numbers = [
    ...(errors > 0 ? [styled(painter, 'red', count(errors, 'error'))] : []),
    ...(findings.length > errors ? [styled(painter, 'yellow', count(findings.length - errors, 'warning'))] : []),
  ];
  return `${blocks.join('\n\n')}\n\n${numbers.join(' and ')}, ${checked} checked`;
}

function entry({ line, column, severity, rule, message, fix }: Finding, painter: Painter): string {
  const position = `${line}${column === undefined ? '' : `:${column}`}`.padStart(8);
  const mark = severity === 'error' ? styled(painter, 'red', 'error  ') : styled(painter, 'yellow', 'warning');
  return `${position}  ${mark}  ${oneLine(message)}  ${styled(painter, 'dim', rule)}\n${' '.repeat(19)}${styled(painter, 'dim', oneLine(fix))}`;
}

function count(number: number, noun: string): string {
  return `${number} ${noun}${number === 1 ? '' : 's'}`;
}
