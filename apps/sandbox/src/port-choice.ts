/** Which port a server gets: the one that was asked for, else its usual one, else, where that is taken, any that is free. */
import { once } from 'node:events';
import { createServer } from 'node:net';

/** Everything in the sandbox listens here, for nobody but this machine. */
export const loopback = '127.0.0.1';

/** Whose port it is, and which. */
export interface PortPreference {
  who: string;
  /** One that must be this one, or 0 for any. */
  acceptedMail: number | undefined;
  /** The one to take when nothing is asked for. */
  usual: number;
  /** Flash when the usual one is taken. */
  tell: (line: string) => void;
}

/**
 * Has a server listen. The port is not probed before, as it could be lost in between; only when it cannot be had is it asked why.
 *
 * @param listen with port 0 the system chooses; may be called twice
 * @throws what `listen` throws, unless the usual port is taken
 */
export async function listenWhereFree(
  { who, acceptedMail, usual, tell }: PortPreference,
  listen: (port: number) => Promise<unknown>,
): Promise<void> {
  try {
    await listen(acceptedMail ?? usual);
  } catch (error) {
    if (acceptedMail !== undefined || !(await isTaken(usual))) throw error;
    tell(`! Port ${usual} is taken, so ${who} will be on another one.`);
    await listen(0);
  }
}

async function isTaken(port: number): Promise<boolean> {
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
