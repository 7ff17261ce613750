/** Which port a server gets: the one that was asked for, else its usual one, else, where that is taken, any that is free. */

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

/**
 * Has a server listen. Nothing is probed: what was free a moment ago may be gone, so only listening tells.
 *
 * @param listen with port 0 the system chooses; may be called twice
 * @throws what `listen` throws, unless the usual port was taken
 */
export async function listenWhereFree({ who, asked, usual, tell }: PortWish, listen: (port: number) => Promise<unknown>): Promise<void> {
  try {
    await listen(asked ?? usual);
  } catch (error) {
    // By its message: a process that could not listen has ended, and left only words.
    if (asked !== undefined || !(error as Error).message.includes('EADDRINUSE')) throw error;
    tell(`! Port ${usual} is taken, so ${who} will be on another one.`);
    await listen(0);
  }
}
