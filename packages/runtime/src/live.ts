/**
 * The life of a process: create, start, and on SIGTERM or SIGINT stop and exit. An app's `main.ts` hands in its
 * `process`; nothing else touches signals or the exit code.
 */
import type { Service } from '@posthouse/contract';
import { explain } from './explain.ts';

/**
 * @param host the process to live in
 * @param create reads the configuration and wires the service; what it throws is explained on stderr, and the exit code is 1
 */
export async function live(host: NodeJS.Process, create: () => Promise<Service>): Promise<void> {
  const fail = (error: unknown) => {
    host.stderr.write(`${explain(error)}\n`);
    host.exit(1);
  };
  let service: Service | undefined;
  const stop = () => {
    Promise.resolve(service?.stop()).then(() => host.exit(0), fail);
  };
  // Once each: a second signal has its default effect and ends the process at once.
  host.once('SIGTERM', stop);
  host.once('SIGINT', stop);
  try {
    service = await create();
    await service.start();
  } catch (error) {
    fail(error);
  }
}
