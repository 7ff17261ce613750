/** `users`: makes, lists, changes and removes users of the dashboard in Redis; or prints an entry for DASHBOARD_USERS, which needs no Redis. */
import { parseArgs } from 'node:util';
import { createPassword, hashPassword, type Role, roles, ssoNamePrefix } from '@posthouse/access';
import { limits } from '@posthouse/contract';
import type { AuditLog, Sessions, StoredUserInfo, UserDirectory } from '@posthouse/queue';
import { type Command, type CommandContext, parseOrUsageError, requireName, UsageError } from './command.ts';
import { readPassword } from './password-prompt.ts';
import { commandLineUser, withDirectory } from './queue-connection.ts';

const { min, max } = limits.passwordLength;

interface Options {
  role: string | undefined;
  generate: boolean;
  json: boolean;
  context: CommandContext;
}

const actions = { create, list, role: setRole, password: setPassword, 'sign-out': signOut, remove };

/** The command `users`. */
export const users: Command = {
  usage: `Usage: npm run users -- <name> [--role <role>] [--generate] [--json]
       npm run users -- create <name> [--role <role>] [--generate] [--json]
       npm run users -- list [--json]
       npm run users -- role <name> --role <role>
       npm run users -- password <name> [--generate] [--json]
       npm run users -- sign-out <name>
       npm run users -- remove <name>

With a name alone it prints an entry for DASHBOARD_USERS. The other forms keep users in Redis, and a change counts at their next request;
they read REDIS_URL and POSTHOUSE_SECRET. A password (${min} to ${max} characters) is read from the terminal or from the first line of stdin;
only its hash is stored. A new password, sign-out and remove end the sessions of the user. sign-out also takes a name of single sign-on, oidc:….
  <name>       name to sign in with: 1 to 64 letters, digits, dots, dashes and underscores
  --role       viewer (default) reads; operator also acts on mails and the queue; admin also manages users and API keys, and sees the
               audit log and the BullMQ jobs
  --generate   generates a password and prints it once; a user in Redis can sign in with it until it is replaced,
               and can do nothing else before that
  --json       prints one line of JSON`,

  async run(args, context) {
    const options = {
      role: { type: 'string' },
      generate: { type: 'boolean', default: false },
      json: { type: 'boolean', default: false },
    } as const;
    const { positionals, values } = parseOrUsageError(() => parseArgs({ args, allowPositionals: true, options }));
    const [first = '', ...names] = positionals;
    const action = Object.hasOwn(actions, first) ? actions[first as keyof typeof actions] : undefined;
    if (action === undefined) return await entryFor(requireName(positionals), { role: undefined, ...values, context });
    return await action(names, { role: undefined, ...values, context });
  },
};

async function entryFor(name: string, options: Options): Promise<string> {
  const role = roleOf(options.role ?? 'viewer');
  const { hash, password } = await passwordFor(name, options);
  const entry = `${name}:${role}:${hash}`;
  if (options.json) return JSON.stringify({ name, role, entry, ...(password !== undefined && { password }) });
  return `${shownOnce(name, password)}
Add this entry to DASHBOARD_USERS (separate entries with commas) and restart the dashboard:

  ${entry}
`;
}

async function create(names: string[], options: Options): Promise<string> {
  const name = requireName(names);
  const role = roleOf(options.role ?? 'viewer');
  const { hash, password } = await passwordFor(name, options);
  await withUsers(options.context, (directory) => directory.create(name, role, { hash, isTemporary: options.generate }, commandLineUser()));
  if (options.json) return JSON.stringify({ name, role, ...(password !== undefined && { password }) });
  return `${shownOnce(name, password)}${name} can sign in to the dashboard as ${role}.`;
}

async function list(names: string[], { json, context }: Options): Promise<string> {
  if (names.length > 0) throw new UsageError('list takes no name.');
  const found = await withUsers(context, (directory) => directory.list());
  if (json) return JSON.stringify(found.users.map(({ hash: _hidden, ...user }) => user));
  const lines = [...found.users.map(describe), ...found.unreadable.map((name) => `${name}: cannot be read with this POSTHOUSE_SECRET`)];
  return lines.length === 0 ? 'There are no users in Redis.' : lines.join('\n');
}

async function setRole(names: string[], options: Options): Promise<string> {
  const name = requireName(names);
  if (options.role === undefined) throw new UsageError('State the role with --role.');
  const role = roleOf(options.role);
  await withUsers(options.context, (directory) => directory.setRole(name, role, commandLineUser()));
  return `${name} is now ${role}.`;
}

async function setPassword(names: string[], options: Options): Promise<string> {
  const name = requireName(names);
  const { hash, password } = await passwordFor(name, options);
  await withUsers(options.context, async (directory, sessions) => {
    await directory.setPassword(name, { hash, isTemporary: options.generate }, commandLineUser(), 'reset password');
    await sessions.endAll(name);
  });
  if (options.json) return JSON.stringify({ name, ...(password !== undefined && { password }) });
  return `${shownOnce(name, password)}The password of ${name} is changed.`;
}

async function signOut(names: string[], { context }: Options): Promise<string> {
  const [first = ''] = names;
  const name = first.startsWith(ssoNamePrefix) && names.length === 1 ? first : requireName(names);
  const ended = await withUsers(context, async (_directory, sessions, audit) => {
    const count = await sessions.endAll(name);
    await audit.append({ ...commandLineUser(), action: 'end sessions', target: name, detail: `${count} ended` });
    return count;
  });
  return `Sessions of ${name} that have ended: ${ended}.`;
}

async function remove(names: string[], { context }: Options): Promise<string> {
  const name = requireName(names);
  await withUsers(context, async (directory, sessions) => {
    await directory.remove(name, commandLineUser());
    await sessions.endAll(name);
  });
  return `${name} is removed. An entry of this name in DASHBOARD_USERS is not affected.`;
}

function describe({ name, role, signedInAt, isTemporary }: StoredUserInfo): string {
  const signedIn = signedInAt === undefined ? 'not signed in yet' : `last signed in ${new Date(signedInAt).toISOString()}`;
  return `${name}: ${role}; ${signedIn}${isTemporary ? '; has to choose a password' : ''}`;
}

async function withUsers<T>(
  context: CommandContext,
  work: (directory: UserDirectory, sessions: Sessions, audit: AuditLog) => Promise<T>,
): Promise<T> {
  const { AuditLog, Sessions, UserDirectory } = await import('@posthouse/queue');
  return await withDirectory(context, (connection) =>
    work(new UserDirectory(connection), new Sessions(connection), new AuditLog(connection)),
  );
}

/** @throws UsageError */
function roleOf(text: string): Role {
  const role = roles.find((candidate) => candidate === text);
  if (role === undefined) throw new UsageError(`--role must be one of: ${roles.join(', ')}.`);
  return role;
}

/** @returns the hash, and the password where it was generated. @throws UsageError */
async function passwordFor(name: string, { generate, context }: Options): Promise<{ hash: string; password?: string }> {
  const password = generate ? createPassword() : await readPassword(name, context);
  try {
    return { hash: await hashPassword(password), ...(generate && { password }) };
  } catch (error) {
    if (error instanceof RangeError) throw new UsageError(error.message);
    throw error;
  }
}

function shownOnce(name: string, password: string | undefined): string {
  return password === undefined ? '' : `\nPassword for ${name}. It is not shown again:\n\n  ${password}\n\n`;
}
