/** Reads what a process serves at `/metrics`, and refuses what Prometheus would: https://prometheus.io/docs/instrumenting/exposition_formats/ */

/** Samples by their name and labels, as they are written: `posthouse_mails{state="sent"}`. */
export type Samples = ReadonlyMap<string, number>;

const name = '[a-zA-Z_:][a-zA-Z0-9_:]*';
const label = `[a-zA-Z_][a-zA-Z0-9_]*="(?:[^"\\\\\\n]|\\\\[\\\\n"])*"`;
const sample = new RegExp(`^(${name})(\\{(?:${label}(?:,${label})*)?\\})? (NaN|[+-]Inf|[+-]?\\d+(?:\\.\\d+)?(?:e[+-]?\\d+)?)$`, 'i');
const comment = new RegExp(`^# (?:HELP (${name}) .+|TYPE (${name}) (counter|gauge|histogram|summary|untyped))$`);

/** @throws naming the first line that is wrong */
export function parseMetrics(text: string): Samples {
  const samples = new Map<string, number>();
  const types = new Map<string, string>();
  if (!text.endsWith('\n')) throw new Error('the last line does not end');
  for (const line of text.split('\n')) {
    if (line === '') continue;
    const [, , typed, type] = comment.exec(line) ?? [];
    if (typed !== undefined && types.has(typed)) throw new Error(`a second type: ${line}`);
    if (typed !== undefined && type !== undefined) types.set(typed, type);
    if (line.startsWith('# ')) {
      if (!comment.test(line)) throw new Error(`no comment that Prometheus knows: ${line}`);
      continue;
    }
    const [, metric = '', labels = '', value = ''] = sample.exec(line) ?? [];
    if (metric === '') throw new Error(`no sample: ${line}`);
    if (!types.has(metric) && !types.has(metric.replace(/_(bucket|sum|count)$/, ''))) throw new Error(`no type before: ${line}`);
    if (samples.has(metric + labels)) throw new Error(`a second sample: ${line}`);
    samples.set(metric + labels, Number(value.replace('Inf', 'Infinity')));
  }
  return samples;
}
