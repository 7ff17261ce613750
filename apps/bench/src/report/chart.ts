/** The rows as a bar chart (SVG): how much of each goal is reached. */
import { type Report, type ReportRow, withUnit } from './report.ts';

const width = 900;
const lineHeight = 30;
const left = 480;
const goalAt = 720;
const top = 50;

/** @returns an SVG document */
export function drawChart({ rows, machine }: Report): string {
  const height = top + rows.length * lineHeight + 20;
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" font-family="system-ui, sans-serif" font-size="12">
<title>Posthouse: what was measured, and the goals</title>
<rect width="${width}" height="${height}" fill="#ffffff"/>
<text x="10" y="24" font-size="15" font-weight="600">Share of each goal that is reached</text>
<text x="${width - 10}" y="24" text-anchor="end" fill="#555555">${escaped(`${machine.cores} cores of ${machine.cpu}`)}</text>
${rows.map(bar).join('\n')}
<line x1="${goalAt}" y1="${top - 10}" x2="${goalAt}" y2="${height - 15}" stroke="#222222" stroke-dasharray="4 3"/>
<text x="${goalAt}" y="${top - 14}" text-anchor="middle" fill="#222222">goal</text>
</svg>
`;
}

function bar(row: ReportRow, index: number): string {
  const y = top + index * lineHeight;
  const length = Math.min(reached(row), (width - 60 - left) / (goalAt - left)) * (goalAt - left);
  const text = `${withUnit(row.value.median, row.unit)} (goal ${row.bound === 'min' ? '≥' : '≤'} ${withUnit(row.goal, row.unit)})`;
  return `<text x="${left - 10}" y="${y + 11}" text-anchor="end">${escaped(row.title)}</text>
<rect x="${left}" y="${y}" width="${length.toFixed(1)}" height="15" fill="${row.met ? '#2b7a4b' : '#b4602f'}"/>
<text x="${left}" y="${y + 26}" font-size="10" fill="#555555">${escaped(text)}</text>`;
}

/** 1 is the goal; what is better is more. */
function reached({ value, goal, bound }: ReportRow): number {
  if (bound === 'min') return value.median / goal;
  return value.median <= 0 ? Number.POSITIVE_INFINITY : goal / value.median;
}

function escaped(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}
