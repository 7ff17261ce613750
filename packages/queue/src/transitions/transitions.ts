/**
 * Every change of a record's state, each one Lua script, so that it happens whole or not at all. A script
 * names the states that it accepts; in any other it changes nothing and says which state it found.
 *
 *     (none) ──accept──► queued | scheduled ──begin──► sending ──recordAttempt──► sent | failed | retrying | uncertain
 *                                  retrying ──begin──►         ──recordDeferral──► retrying
 *                                                              ──failUnreadable──► failed
 *     failed ──retry───► queued      uncertain ──resolve──► sent | queued      before the gate ──cancel──► cancelled
 *     scheduled | retrying ──sendNow──► queued      an end whose retention is over ──purge──► (none)
 *
 * Each keeps the mail in the indexes that fit it (transitions/index-functions.ts). `{posthouse}:open` holds the mails that have not ended, by when something should happen to them next. The sweeper
 * reads it.
 */
import type { Redis } from 'ioredis';
import { accept } from './accept.ts';
import { begin } from './begin.ts';
import { cancel } from './cancel.ts';
import { failUnreadable } from './fail-unreadable.ts';
import { gate } from './gate.ts';
import { purge } from './purge.ts';
import { read } from './read.ts';
import { rebuildMail } from './rebuild-mail.ts';
import { recordAttempt } from './record-attempt.ts';
import { recordDeferral } from './record-deferral.ts';
import { resolve } from './resolve.ts';
import { retry } from './retry.ts';
import { sendNow } from './send-now.ts';

const scripts = {
  accept,
  begin,
  gate,
  recordAttempt,
  recordDeferral,
  failUnreadable,
  cancel,
  retry,
  resolve,
  sendNow,
  purge,
  rebuildMail,
  read,
};

/** One of the scripts. Each takes two keys: the record, and the open mails or what its comment says. */
export type Transition = keyof typeof scripts;

/** Makes the transitions known to a connection. */
export function defineTransitions(redis: Redis): void {
  for (const [name, lua] of Object.entries(scripts)) redis.defineCommand(commandName(name as Transition), { numberOfKeys: 2, lua });
}

/** The name under which a transition is defined: also usable inside a transaction. */
export function commandName(transition: Transition): string {
  return `posthouse:${transition}`;
}

/** Runs one transition; what it answers comes as bytes. */
export async function runTransition<T>(
  redis: Redis,
  transition: Transition,
  keys: readonly [string, string],
  ...args: (string | number | Buffer)[]
): Promise<T> {
  const commands = redis as unknown as Record<string, (...args: (string | number | Buffer)[]) => Promise<T>>;
  return await (commands[`${commandName(transition)}Buffer`] as (...args: (string | number | Buffer)[]) => Promise<T>).call(
    redis,
    ...keys,
    ...args,
  );
}
