/** Which port a server gets: the one that was asked for, else its usual one, else, where that is taken, any that is free. */
import { once } from 'node:events';
import { createServer } from 'node:net';

/** Everything in the sandbox listens here, for nobody but this machine. */
export const loopback = '127.0.0.1';

/** Whose port it is, and which. */
export interface PortWish {
  who: string;
  /** One that must be this one, or 0 for any. */
  asked: number | undefined;
  /** The one to take when nothing is asked for. */
  usual: number;
  /** Told when the usual one is taken. */
  tell: (line: string) => void;
}

/** @returns a port to listen on; 0 lets the system choose */
export async function choosePort({ who, asked, usual, tell }: PortWish): Promise<number> {
  if (asked !== undefined) return asked;
  const probe = createServer().listen(usual, loopback);
  try {
    await once(probe, 'listening');
  } catch {
    tell(`! Port ${usual} is taken, so ${who} will be on another one.`);
    return 0;
  }
  probe.close();
  await once(probe, 'close');
  return usual;
}
