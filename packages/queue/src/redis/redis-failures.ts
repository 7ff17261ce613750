/** The ways in which Redis does not do what it is asked: how each is recognised, what it is in words, and how to fix it. */

/** Why Redis does not do what it is asked. */
export type RedisFailure = keyof typeof redisFailures;

/** Each failure in words, for logs, answers and pages. */
export const redisFailures = {
  /** There is no connection, or no reply in time. */
  unreachable: { meaning: 'Redis cannot be reached', fix: 'start Redis, or correct REDIS_URL; the process reconnects on its own' },
  /** It is a replica: it always was, or a failover has just made it one. */
  'read-only': {
    meaning: 'Redis is a replica',
    fix: 'let REDIS_URL lead to the primary; after a failover the process reconnects on its own',
  },
  /** The answer of a Redis Cluster: another of its servers has our slot. */
  moved: {
    meaning: 'Another server of the Redis Cluster has the keys of Posthouse',
    fix: 'wait; the process finds that server on its own',
  },
  cluster: { meaning: 'Redis is part of a Redis Cluster', fix: 'let REDIS_URL begin with redis+cluster://' },
  'slot-not-served': {
    meaning: 'No server of the Redis Cluster serves the keys of Posthouse',
    fix: 'see CLUSTER INFO and CLUSTER NODES; the process reconnects on its own when a server serves them',
  },
  'no-sentinel': {
    meaning: 'No Sentinel can be reached',
    fix: 'start them, or correct the hosts in REDIS_URL; the process reconnects on its own',
  },
  'master-unknown': {
    meaning: 'No Sentinel knows the master that REDIS_URL names',
    fix: 'correct the name after the hosts in REDIS_URL, or let the Sentinels monitor that master',
  },
  'dead-master': {
    meaning: 'The master that the Sentinels name cannot be reached',
    fix: 'wait for their failover; otherwise start the master, or correct the address that it announces',
  },
  'too-many-clients': {
    meaning: 'Redis has as many connections as maxclients allows',
    fix: 'raise maxclients, or end connections of others; the process reconnects on its own',
  },
  'too-old': {
    meaning: 'Redis is older than version 6.2',
    fix: 'use Redis 6.2 or later; the process reconnects on its own',
  },
  loading: { meaning: 'Redis is loading its data', fix: 'wait; the process reconnects on its own' },
  /** Its `maxmemory` is used up. */
  full: { meaning: 'The memory of Redis is full', fix: 'raise maxmemory, or add memory' },
  'cannot-save': { meaning: 'Redis cannot write its data to disk', fix: 'free the disk; the log of Redis has the reason' },
  /** It has fewer replicas than `min-replicas-to-write`. */
  'no-replicas': { meaning: 'Redis has fewer replicas than min-replicas-to-write', fix: 'start them' },
  'too-few-replicas': {
    meaning: 'Fewer replicas of Redis than REDIS_WAIT_REPLICAS have what was written',
    fix: 'start them, or lower REDIS_WAIT_REPLICAS',
  },
  'login-refused': { meaning: 'Redis refuses the login', fix: 'correct user and password in REDIS_URL' },
  'database-missing': {
    meaning: 'Redis does not have the database that REDIS_URL names',
    fix: 'let REDIS_URL end with a number below the setting databases of Redis, or with none',
  },
  /** A command, a key or a channel is not among the rights of the user. */
  'no-permission': {
    meaning: 'Redis denies a command to the user of REDIS_URL',
    fix: 'give the user the rights in docs/operations.md; the log names those that are missing',
  },
  /** Its mails are sealed with another key of the same name. */
  'other-key': { meaning: 'The mails in Redis are sealed with another POSTHOUSE_SECRET', fix: 'set the one that the other processes have' },
  /** A key of ours was edited, or another program has written it. It is none of a record, which is one bad row. */
  damaged: {
    meaning: 'A key of Posthouse in Redis holds something that it has not written',
    fix: 'the log has the error of Redis; restore or delete that key, and run npm run reindex',
  },
  /** Any other refusal that passes, such as a script that runs too long. */
  refused: { meaning: 'Redis refuses commands temporarily', fix: 'see the log of Redis' },
} as const satisfies Record<string, { meaning: string; fix: string }>;

/** The words by which Redis says so. In the error of a script they are not at the beginning. */
const refusals: readonly [word: RegExp, failure: RedisFailure][] = [
  [/\b(READONLY|UNBLOCKED|MASTERDOWN)\b/, 'read-only'],
  [/\bLOADING\b/, 'loading'],
  // In a script that has no key among its arguments, Redis says the second.
  [/\b(MOVED|ASK) \d+ |non local key in a cluster/, 'moved'],
  [/\bCLUSTERDOWN\b/, 'slot-not-served'],
  [/max number of clients/, 'too-many-clients'],
  [/\bOOM\b/, 'full'],
  [/\bMISCONF\b/, 'cannot-save'],
  [/\bNOREPLICAS\b/, 'no-replicas'],
  [/\b(WRONGPASS|NOAUTH)\b/, 'login-refused'],
  [/DB index is out of range|invalid DB index|SELECT is not allowed/, 'database-missing'],
  // In a script Redis 6 and 7.0 say it in a sentence.
  [/\bNOPERM\b|ACL failure in script|user executing the script can't/, 'no-permission'],
  [/\bOTHERKEY\b/, 'other-key'],
  [/\b(EXECABORT|TRYAGAIN|BUSY|NOSCRIPT)\b/, 'refused'],
];

/** Why Redis refused a command; undefined where repeating it later does not help. */
export function refusalOf(error: Error): RedisFailure | undefined {
  // Of a server that was not found (primary-location.ts).
  if ('redisFailure' in error) return error.redisFailure as RedisFailure;
  // Of an aborted transaction, the errors of its commands say why.
  const { previousErrors = [] } = error as { previousErrors?: readonly Error[] };
  const text = [error, ...previousErrors].map(({ message }) => message).join('\n');
  return refusals.find(([word]) => word.test(text))?.[1];
}

const ofThisServer: readonly RedisFailure[] = ['read-only', 'loading', 'moved', 'slot-not-served'];

/** True for what only another server takes: after a failover the connections to the former primary may stay alive. */
export function needsReconnect(failure: RedisFailure | undefined): boolean {
  return failure !== undefined && ofThisServer.includes(failure);
}
