/** Log lines for a person at a terminal: pino writes JSON into a pipe. */

/** @type {Record<number, string>} */
const levels = { 10: 'trace', 20: 'debug', 30: 'info', 40: 'warn', 50: 'error', 60: 'fatal' };

/** Fields that every line has, or that are shown in a place of their own. */
const shownElsewhere = new Set(['level', 'time', 'msg', 'service', 'pid', 'hostname', 'err']);

/**
 * A JSON log line as `08:30:01 info ready port=3000`; any other line as it is.
 *
 * @param {string} line
 */
export function formatLogLine(line) {
  const entry = parse(line);
  if (entry === undefined) return line;
  const fields = Object.entries(entry)
    .filter(([name]) => !shownElsewhere.has(name))
    .map(([name, value]) => ` ${name}=${typeof value === 'string' ? value : JSON.stringify(value)}`);
  const time = new Date(entry.time).toTimeString().slice(0, 8);
  const error = entry.err === undefined ? '' : `\n${entry.err.stack ?? entry.err.message}`;
  return `${time} ${levels[entry.level] ?? entry.level} ${entry.msg ?? ''}${fields.join('')}${error}`;
}

/** @param {string} line */
function parse(line) {
  if (!line.startsWith('{"level":')) return undefined;
  try {
    return JSON.parse(line);
  } catch {
    return undefined;
  }
}
