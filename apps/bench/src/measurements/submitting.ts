/**
 * SMTP submission as a program uses it: connections that stay open, each with one transaction at a time, and a message whose bytes are
 * ready. Redis writes to disk before it answers.
 */
import type { BareWorker } from '../baselines/bare-worker.ts';
import { Child } from '../servers/child.ts';
import { percentile } from '../table/statistics.ts';
import { rate } from './accepting.ts';
import { type Context, inParallel } from './context.ts';

export async function measureSubmitting(context: Context): Promise<void> {
  const { posthouse, baseline, smtp, sizes, log, results } = context;
  const { mails, warmUp } = sizes.submitting;
  const settings = { ...baseline.settings('submitted', smtp), smtp: await posthouse.startSubmission() };
  const client = new Child<BareWorker>('baselines/bare-worker');
  await client.call.open(settings);
  const submit = () => client.call.transaction('anne@example.net');
  await inParallel(settings.connections, warmUp, submit);
  for (let turn = 1; turn <= sizes.turns; turn++) {
    const times: number[] = [];
    const perSecond = await rate(context, 'SMTP submission', posthouse.submissionPid, mails, () =>
      inParallel(settings.connections, mails, async () => {
        const began = performance.now();
        await submit();
        times.push(performance.now() - began);
      }),
    );
    results.add('submission', { value: perSecond });
    results.add('submission-p95', { value: percentile(times, 0.95) });
    log(`submitting, turn ${turn} of ${sizes.turns}: ${Math.round(perSecond)}/s over ${settings.connections} connections`);
  }
  await client.stop();
}
