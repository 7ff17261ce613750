/** Asks before something is done that cannot be undone. */
import { createInterface } from 'node:readline/promises';
import { type CommandContext, UsageError } from './command.ts';

/**
 * @param yes the answer was given as an option
 * @param effect what is going to be done, in sentences
 * @returns whether to do it
 * @throws UsageError where nobody can be asked
 */
export async function isConfirmed({ stdin, stderr }: CommandContext, yes: boolean, effect: string): Promise<boolean> {
  if (yes) return true;
  if (!stdin.isTTY) throw new UsageError('confirmation-missing', `${effect}\nNothing was done: confirm it with --yes.`);
  const terminal = createInterface({ input: stdin, output: stderr });
  const answer = await terminal.question(`${effect}\nContinue? [y/N] `);
  terminal.close();
  return /^y(es)?$/i.test(answer.trim());
}

/** The option that answers. */
export const yesOption = ['--yes', 'does not ask'] as const;
