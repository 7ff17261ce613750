/** One worker and four, against a server that is far away: each reply takes longer, so that the machine is not full. */
import { mailTo } from '../servers/posthouse.ts';
import { SmtpTarget } from '../servers/smtp-target.ts';
import { type Context, reach } from './context.ts';

const batchSize = 100;

export async function measureScaling(context: Context): Promise<void> {
  const { posthouse, sizes, log, results } = context;
  const far = await SmtpTarget.start(sizes.scaling.delayMs);
  try {
    for (let turn = 1; turn <= sizes.scaling.turns; turn++) {
      const one = await speedOf(context, far, 1);
      const four = await speedOf(context, far, 4);
      results.add('workers', { value: four / one, ours: { number: four, unit: 'mails/s' }, baseline: { number: one, unit: 'mails/s' } });
      log(`scaling, turn ${turn} of ${sizes.scaling.turns}: 1 worker ${Math.round(one)}/s, 4 workers ${Math.round(four)}/s`);
    }
  } finally {
    await posthouse.stopWorkers();
    await far.stop();
  }
}

/** mails/s of so many workers, once all of them are warm. */
async function speedOf(context: Context, far: SmtpTarget, workers: number): Promise<number> {
  const { posthouse, sizes } = context;
  const { mails, warmUp } = sizes.scaling;
  const total = workers * (mails + warmUp);
  const sink = far.sink as NonNullable<SmtpTarget['sink']>;
  const before = await sink.call.count();
  const sent = async () => (await posthouse.overview.counts()).sent;
  const sentBefore = await sent();
  // All workers are up before the first mail: the last one would have less time.
  for (let n = 0; n < workers; n++) await posthouse.startWorker(far);
  for (let posted = 0; posted < total; posted += batchSize) {
    const size = Math.min(batchSize, total - posted);
    await posthouse.post('/v1/mails/batch', { mails: Array.from({ length: size }, () => mailTo('anne@example.net')) });
  }
  const arrived = async () => (await sink.call.count()) - before;
  const from = await reach(context, 'arrived', arrived, workers * warmUp);
  // The last mails of a queue do not keep every connection busy.
  const to = await reach(context, 'arrived', arrived, total - workers * warmUp);
  await reach(context, 'recorded as sent', sent, sentBefore + total);
  await posthouse.stopWorkers();
  return ((to.count - from.count) * 1000) / (to.at - from.at);
}
