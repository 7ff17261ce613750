/** Text for a terminal: colours, aligned facts, and what others wrote made harmless. */
import { styleText } from 'node:util';
import type { CommandContext } from './command.ts';

/** A format of node:util's styleText, such as `red` or `bold`. */
type Style = Parameters<typeof styleText>[0];

/** In colour, where stdout shows it. */
export function styled({ colors }: Pick<CommandContext, 'colors'>, style: Style, text: string): string {
  return colors ? styleText(style, text, { validateStream: false }) : text;
}

/**
 * What a caller or a server wrote, on one line: control characters would move the cursor or change the terminal (ECMA-48), and marks of
 * direction would change the order of what is beside them.
 */
export function oneLine(text: string): string {
  return text.replaceAll(/\s+/g, ' ').replaceAll(/[\p{Cc}\u202a-\u202e\u2066-\u2069]/gu, '\ufffd');
}

/** A time as text: in UTC, to the second. @param ms since the epoch */
export function timeText(ms: number): string {
  return `${new Date(ms).toISOString().slice(0, 19).replace('T', ' ')}Z`;
}

/** Cut at so many characters. */
export function clipped(text: string, length: number): string {
  return text.length <= length ? text : `${text.slice(0, Math.max(length - 1, 0))}…`;
}

/** Names and values below each other; one whose value is undefined is left out. A value may have several lines. */
export function facts(entries: readonly (readonly [name: string, value: string | undefined])[]): string {
  const known = entries.filter((entry): entry is readonly [string, string] => entry[1] !== undefined);
  const width = Math.max(...known.map(([name]) => name.length)) + 2;
  return known.map(([name, value]) => `${name.padEnd(width)}${value.replaceAll('\n', `\n${' '.repeat(width)}`)}`).join('\n');
}

/** Words in lines of so many characters; a longer word has a line of its own. @param indent of the lines after the first one */
export function wrapped(text: string, columns: number, indent: string): string {
  const lines: string[] = [];
  let line = '';
  for (const word of text.split(' ')) {
    const next = line === '' ? word : `${line} ${word}`;
    if (next.length <= columns - (lines.length === 0 ? 0 : indent.length) || line === '') line = next;
    else {
      lines.push(line);
      line = word;
    }
  }
  return [...lines, line].join(`\n${indent}`);
}
