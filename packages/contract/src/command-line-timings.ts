/** How long a command of the command line waits; in ms. */
import { minute, second } from './duration.ts';

/** The timings of commands. How long they wait for Redis is `redis.commandLine`. */
export interface CommandLineTimings {
  /** How often `send --wait` reads the mail. */
  readonly mailPoll: number;
  /** How long `send --wait` waits for a final state. */
  readonly mailWait: number;
  readonly doctor: {
    /** How long a connection may take: to Redis, to a relay, to a process. */
    readonly connect: number;
    /** How long each reply may take. A relay may make its greeting wait for 6 s, to find senders of spam. */
    readonly reply: number;
    /** How long one query of the DNS waits for its answer the first time; the second time twice as long. */
    readonly dnsQuery: number;
    /** How long all queries about the sender's domain may take together. */
    readonly dns: number;
    /** A certificate of a relay that expires sooner causes a warning. */
    readonly certificateLeft: number;
  };
}

/** Those of production. */
export const commandLineTimings: CommandLineTimings = {
  mailPoll: second / 2,
  mailWait: 2 * minute,
  doctor: { connect: 4 * second, reply: 8 * second, dnsQuery: 1500, dns: 8 * second, certificateLeft: 14 * 24 * 60 * minute },
};
