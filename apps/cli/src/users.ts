/**
 * `users <name>`: creates the entry of a user of the dashboard. The password is stored nowhere; the configuration of the dashboard gets its
 * hash.
 */
import { randomBytes } from 'node:crypto';
import { parseArgs } from 'node:util';
import { hashPassword, roles } from '@posthouse/access';
import { limits } from '@posthouse/contract';
import { type Command, parseOrUsageError, requireName, UsageError } from './command.ts';
import { readPassword } from './password-prompt.ts';

const { min, max } = limits.passwordLength;

/** The command `users`. */
export const users: Command = {
  usage: `Usage: npm run users -- <name> [--role ${roles.join('|')}] [--generate] [--json]

Prints the entry for DASHBOARD_USERS. Reads the password (${min} to ${max} characters) from the terminal or from the first line of stdin.
  <name>       name to sign in with: 1 to 64 letters, digits, dots, dashes and underscores
  --role       viewer (default) reads; operator also acts on mails and the queue; admin also sees the audit log and the BullMQ jobs
  --generate   generates a password and prints it once
  --json       prints one line of JSON: { "name", "role", "entry" } and, with --generate, "password"`,

  async run(args) {
    const options = {
      role: { type: 'string', default: 'viewer' },
      generate: { type: 'boolean', default: false },
      json: { type: 'boolean', default: false },
    } as const;
    const { positionals, values } = parseOrUsageError(() => parseArgs({ args, allowPositionals: true, options }));
    const name = requireName(positionals);
    const role = roles.find((candidate) => candidate === values.role);
    if (role === undefined) throw new UsageError(`--role must be one of: ${roles.join(', ')}.`);
    const password = values.generate ? randomBytes(15).toString('base64url') : await readPassword(name);
    const entry = `${name}:${role}:${await hashOrUsageError(password)}`;
    if (values.json) return JSON.stringify({ name, role, entry, ...(values.generate && { password }) });
    const generated = `Password for ${name}. It is not shown again:\n\n  ${password}\n\n`;
    return `
${values.generate ? generated : ''}Add this entry to DASHBOARD_USERS (separate entries with commas) and restart the dashboard:

  ${entry}
`;
  },
};

async function hashOrUsageError(password: string): Promise<string> {
  try {
    return await hashPassword(password);
  } catch (error) {
    if (error instanceof RangeError) throw new UsageError(error.message);
    throw error;
  }
}
