/**
 * `users <name>`: makes the entry of somebody who may sign in to the dashboard. The password is kept nowhere; the dashboard's
 * configuration gets its hash.
 */
import { randomBytes } from 'node:crypto';
import { parseArgs } from 'node:util';
import { hashPassword, roles } from '@posthouse/access';
import { limits } from '@posthouse/contract';
import { parseOrUsageError, requireName } from './arguments.ts';
import { type Command, UsageError } from './command.ts';
import { readPassword } from './password-prompt.ts';

const { min, max } = limits.passwordLength;

/** The command. */
export const users: Command = {
  usage: `Usage: npm run users -- <name> [--role ${roles.join('|')}] [--generate] [--json]

Prints the entry to add to DASHBOARD_USERS. The password (${min} to ${max} characters) is asked for, or is the first line of stdin.
  <name>       who signs in: letters, digits, dot, dash and underscore, at most 64
  --role       viewer reads; operator also acts on mails and the queue; admin also sees the audit log and the raw board. By default viewer
  --generate   makes a password and prints it once
  --json       one line for machines: { "name", "role", "entry" } and, when it was made here, "password"`,

  async run(args) {
    const options = {
      role: { type: 'string', default: 'viewer' },
      generate: { type: 'boolean', default: false },
      json: { type: 'boolean', default: false },
    } as const;
    const { positionals, values } = parseOrUsageError(() => parseArgs({ args, allowPositionals: true, options }));
    const name = requireName(positionals);
    const role = roles.find((candidate) => candidate === values.role);
    if (role === undefined) throw new UsageError(`The role is one of: ${roles.join(', ')}.`);
    const password = values.generate ? randomBytes(15).toString('base64url') : await readPassword(name);
    const entry = `${name}:${role}:${await hashed(password)}`;
    if (values.json) return JSON.stringify({ name, role, entry, ...(values.generate && { password }) });
    const made = `A password for ${name}. It is shown this once:\n\n  ${password}\n\n`;
    return `
${values.generate ? made : ''}Add this entry to DASHBOARD_USERS (a comma parts it from the next) and restart the dashboard:

  ${entry}
`;
  },
};

async function hashed(password: string): Promise<string> {
  try {
    return await hashPassword(password);
  } catch (error) {
    if (error instanceof RangeError) throw new UsageError(error.message);
    throw error;
  }
}
