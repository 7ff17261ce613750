/** The names of the events that the processes log, as they stand in the code. */
import { readPackages, type Source } from './workspace.ts';

/** What is logged by a variable of one of these names is a name from `elsewhere`. */
const variables = new Set(['event', 'meaning']);

/** Where events are named that another place logs. */
const elsewhere: readonly [file: RegExp, name: RegExp][] = [
  [/\/redis-failures\.ts$/, /\bmeaning: (['"])(.*?)\1/g],
  [/\/connection-log\.ts$/, /(?:\bevent: |#log\()(['"])(.*?)\1/g],
  [/\/service-group\.ts$/, /#onEvent\((['"])(.*?)\1/g],
];

/** The bench and the sandbox print for people. */
const printing = /^apps\/(bench|sandbox)\//;

/** @returns each name with the file that it is in, and the calls whose event has no fixed name */
export function logEvents(): { events: Map<string, string>; notFixed: string[] } {
  const events = new Map<string, string>();
  const notFixed: string[] = [];
  const sources = readPackages().flatMap(({ src }) => src);
  for (const source of sources.filter(({ path }) => !printing.test(path))) {
    for (const event of loggedIn(source)) {
      const names = [...event.matchAll(/(['"])(.*?)\1(?= :|$)/g)].map(([, , name = '']) => name);
      for (const name of names) events.set(name, source.path);
      if (names.length === 0 && !variables.has(event)) notFixed.push(`${source.path}: ${event}`);
    }
    const [, naming] = elsewhere.find(([file]) => file.test(source.path)) ?? [];
    if (naming !== undefined) for (const [, , name = ''] of source.code.matchAll(naming)) events.set(name, source.path);
  }
  return { events, notFixed };
}

/** The last argument of each call of a logger. */
function loggedIn({ code }: Source): string[] {
  return [...code.matchAll(/\b#?log\??\.(?:debug|info|warn|error|fatal)\(/g)].map((call) =>
    lastArgument(code, call.index + call[0].length),
  );
}

function lastArgument(code: string, start: number): string {
  const parts: string[] = [];
  let depth = 0;
  let from = start;
  for (const { 0: piece, index } of code.slice(start).matchAll(/(['"`])(?:\\.|(?!\1).)*\1|[([{]|[)\]}]|,/gs)) {
    const at = start + index;
    if (/^[([{]$/.test(piece)) depth++;
    else if (/^[)\]}]$/.test(piece) && depth > 0) depth--;
    else if (depth === 0 && /^[,)\]}]$/.test(piece)) {
      parts.push(code.slice(from, at).trim());
      from = at + 1;
      if (piece !== ',') break;
    }
  }
  return parts.filter((part) => part !== '').at(-1) ?? '';
}
