/** How long a command of the command line waits; in ms. */

const second = 1000;
const minute = 60 * second;

/** The timings of commands. How long they wait for Redis is `redis.commandLine`. */
export interface CommandLineTimings {
  /** How often `send --wait` reads the mail. */
  readonly mailPoll: number;
  /** How long `send --wait` waits for a final state. */
  readonly mailWait: number;
  readonly doctor: {
    /** How long each area that is checked may take: Redis, one relay, the sender's domain, the templates, one process. */
    readonly area: number;
    /** How long each step of a connection to Redis or a relay may take. */
    readonly step: number;
    /** How long one query of the DNS may take before it is repeated once. */
    readonly dnsQuery: number;
    /** The certificate of a relay that expires sooner is a warning. */
    readonly certificateLeft: number;
  };
}

/** Those of production. */
export const commandLineTimings: CommandLineTimings = {
  mailPoll: second / 2,
  mailWait: 2 * minute,
  doctor: { area: 8 * second, step: 4 * second, dnsQuery: 2 * second, certificateLeft: 14 * 24 * 60 * minute },
};
