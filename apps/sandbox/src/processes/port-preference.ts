/** Which port an app gets: the configured one, otherwise its default, otherwise, when the default is in use, any free one. */
import { once } from 'node:events';
import { createServer } from 'node:net';

/** The sandbox listens only here: it is not reachable from other machines. */
export const loopback = '127.0.0.1';

/** The ports that an app may use. */
export interface PortPreference {
  /** As the terminal shows it: `the API`. */
  server: string;
  /** A port that is required, or 0 for any free one. */
  configuredPort: number | undefined;
  /** Used when no port is configured. */
  defaultPort: number;
  /** Called with a warning when the default port is in use. */
  log: (line: string) => void;
}

/**
 * Makes an app listen. Only after a failure is the port probed: one that was probed before could be taken in between.
 *
 * @param listen called with a port, 0 for any free one; called a second time when the default port is in use
 * @throws what `listen` throws, unless the default port is in use
 */
export async function listenOnPreferredPort(
  { server, configuredPort, defaultPort, log }: PortPreference,
  listen: (port: number) => Promise<unknown>,
): Promise<void> {
  try {
    await listen(configuredPort ?? defaultPort);
  } catch (error) {
    if (configuredPort !== undefined || !(await isInUse(defaultPort))) throw error;
    log(portInUseWarning(server, defaultPort));
    await listen(0);
  }
}

/** The line that the terminal shows. @param server as in `PortPreference` */
export function portInUseWarning(server: string, port: number): string {
  return `! Port ${port} is in use: ${server} listens on another one.`;
}

async function isInUse(port: number): Promise<boolean> {
  const probe = createServer().listen(port, loopback);
  try {
    await once(probe, 'listening');
  } catch {
    return true;
  }
  probe.close();
  await once(probe, 'close');
  return false;
}
