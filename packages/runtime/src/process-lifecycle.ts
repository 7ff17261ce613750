/**
 * Runs a process: creates and starts its service, stops it on SIGTERM or SIGINT, or when the service fails, and exits; a second signal
 * exits at once. On SIGHUP the service reads its files again, unless there is a terminal, which says so that it was closed. An app's
 * `main.ts` passes its `process`; nothing else handles signals or sets the exit code.
 */
import { readFileSync } from 'node:fs';
import type { OperatorError, Service, Timings } from '@posthouse/contract';
import type { Logger } from './logger.ts';

/** What a process prints for `--help`, and how it treats signals. */
export interface ProcessOptions {
  usage: string;
  /** Of these, `repeatedSignal`: ms after the first signal within which a second one does not count. */
  timings: Pick<Timings, 'repeatedSignal'>;
}

/** What a process runs. */
interface ProcessParts {
  service: Service;
  /** Gets a line when a signal stops the process, and one when it has stopped. */
  log?: Pick<Logger, 'info'>;
}

/**
 * Runs a service until a signal stops it. With the argument `--help` or `-h` it prints the usage instead.
 *
 * @param host the process, for its arguments, signals, output and exit
 * @param create reads the configuration and builds the service. What it or the start throws, and a failure of the service, is printed on stderr; the exit code is 1
 */
export async function runProcess(
  host: NodeJS.Process,
  { usage, timings: { repeatedSignal } }: ProcessOptions,
  create: () => Promise<ProcessParts>,
): Promise<void> {
  if (host.argv.slice(2).some((argument) => argument === '--help' || argument === '-h')) {
    host.stdout.write(`${usage}\n`);
    return;
  }
  const fail = (error: unknown) => {
    host.stderr.write(`${formatError(error)}\n`);
    host.exit(1);
  };
  let service: Service | undefined;
  let log: ProcessParts['log'];
  let stoppingSince: number | undefined;
  const stop = (signal: NodeJS.Signals) => {
    if (stoppingSince === undefined) {
      stoppingSince = Date.now();
      log?.info({ signal }, 'stopping');
      Promise.resolve(service?.stop()).then(() => {
        log?.info('stopped');
        host.exit(0);
      }, fail);
    } else if (Date.now() - stoppingSince > repeatedSignal) host.exit(1);
  };
  const stopAfter = async (error: Error) => {
    host.stderr.write(`${formatError(error)}\n`);
    stoppingSince ??= Date.now();
    await Promise.resolve(service?.stop()).catch((reason: Error) => host.stderr.write(`${formatError(reason)}\n`));
    host.exit(1);
  };
  host.on('SIGTERM', stop);
  host.on('SIGINT', stop);
  if (!host.stdin.isTTY && !host.stdout.isTTY) host.on('SIGHUP', () => void service?.reload?.());
  try {
    ({ service, log } = await create());
    void service.failure?.then(stopAfter);
    await service.start();
  } catch (error) {
    fail(error);
  }
}

/** The message alone of an error that an operator can fix, or that the system reported; anything else is a bug and shows its stack. */
function formatError(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const isExplained = isOperatorError(error) || 'syscall' in error || error instanceof AggregateError;
  return isExplained ? `✗ ${error.message}` : (error.stack ?? error.message);
}

function isOperatorError(error: Error): error is OperatorError {
  return 'forOperator' in error && error.forOperator === true;
}

/** The version that an app reports. @param manifest the app's package.json */
export function packageVersion(manifest: URL): string {
  const { version }: { version: string } = JSON.parse(readFileSync(manifest, 'utf8'));
  return version;
}
