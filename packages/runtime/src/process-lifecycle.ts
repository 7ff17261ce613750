/**
 * The life of a process: create, start, and on SIGTERM or SIGINT stop and exit; at once on a second one. An app's `main.ts` hands in its
 * `process`; nothing else touches signals or the exit code.
 */
import type { Service } from '@posthouse/contract';

/** npm passes on the Ctrl-C that the terminal has sent to us already; a second signal after that long is meant. */
const echoMs = 500;

/**
 * @param host the process to live in
 * @param create reads the configuration and wires the service; what it throws is explained on stderr, and the exit code is 1
 */
export async function runProcess(host: NodeJS.Process, create: () => Promise<Service>): Promise<void> {
  const fail = (error: unknown) => {
    host.stderr.write(`${formatStartupError(error)}\n`);
    host.exit(1);
  };
  let service: Service | undefined;
  let stoppingSince: number | undefined;
  const stop = () => {
    if (stoppingSince === undefined) {
      stoppingSince = Date.now();
      Promise.resolve(service?.stop()).then(() => host.exit(0), fail);
    } else if (Date.now() - stoppingSince > echoMs) host.exit(1);
  };
  host.on('SIGTERM', stop);
  host.on('SIGINT', stop);
  try {
    service = await create();
    await service.start();
  } catch (error) {
    fail(error);
  }
}

/** An error as a person at a terminal should read it: faults of their making in words, faults of ours with the stack. */
function formatStartupError(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const theirs = error.name === 'ConfigError' || error.name === 'TemplateError' || 'syscall' in error || error instanceof AggregateError;
  return theirs ? `✗ ${error.message}` : (error.stack ?? error.message);
}
