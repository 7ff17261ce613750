/** A worker in the process of the tests: what `main.ts` runs, without what a process does with signals and its exit. */
import { createLogger } from '@posthouse/runtime';
import { createWorker, readConfig } from '../src/worker.ts';
import { mergedTimings } from './merged-timings.mjs';

export interface RunningWorker {
  /** Its log lines. */
  readonly output: string[];
  stop(): Promise<void>;
  /** As on SIGHUP. */
  reload(): Promise<void>;
}

/** Whether a worker logs with this line that it knows whether its provider's login works: then it is ready. */
export function isReadyLine(line: string): boolean {
  return /provider check (succeeded|failed)/.test(line);
}

/**
 * Starts a worker, and resolves when it is ready.
 * @param scaled what differs from the timings of production
 * @param created is given the worker before it starts
 */
export async function startInProcess(
  env: NodeJS.ProcessEnv,
  scaled: object,
  created: (worker: RunningWorker) => void,
): Promise<RunningWorker> {
  const config = readConfig(env);
  const output: string[] = [];
  let ready: () => void = () => undefined;
  const whenReady = new Promise<void>((resolve) => {
    ready = resolve;
  });
  const log = createLogger('worker', config.logLevel, 'json', (line) => {
    output.push(line.trimEnd());
    if (isReadyLine(line)) ready();
  });
  const service = await createWorker(config, { timings: mergedTimings(scaled), retention: config.retention }, log);
  const worker = { output, stop: () => service.stop(), reload: async () => await service.reload?.() };
  created(worker);
  await service.start();
  await whenReady;
  return worker;
}
