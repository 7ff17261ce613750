/** `users`: makes, lists, changes and removes users of the dashboard in Redis; or prints an entry for DASHBOARD_USERS, which needs no Redis. */
import { Command, type CommandUnknownOpts, Option } from '@commander-js/extra-typings';
import { createPassword, hashPassword, roles, ssoNamePrefix } from '@posthouse/access';
import { limits } from '@posthouse/contract';
import type { AuditLog, Sessions, StoredUserInfo, UserDirectory } from '@posthouse/queue';
import { type CommandContext, examples, json, parseName, UsageError } from './command.ts';
import { readPassword } from './password-prompt.ts';
import { commandLineUser, withDirectory } from './queue-connection.ts';

const { min, max } = limits.passwordLength;
const nameArgument = ['<name>', 'to sign in with', parseName] as const;
const generateOption = [
  '--generate',
  'generates a password and prints it once; a user in Redis can do nothing else than replace it after the first sign-in',
] as const;
const roleOption = () =>
  new Option(
    '--role <role>',
    'viewer reads; operator also acts on mails and the queue; admin also manages users and API keys, and sees the audit log and the BullMQ jobs',
  ).choices(roles);

/** The group `users`. */
export function users(context: CommandContext): CommandUnknownOpts {
  return new Command('users')
    .summary('make, list, change and remove users of the dashboard')
    .description(
      'Users of the dashboard. In Redis a change counts at their next request; these commands read REDIS_URL and POSTHOUSE_SECRET. With a name alone, ' +
        `\`users <name>\` prints an entry for DASHBOARD_USERS, without Redis. A password (${min} to ${max} characters) is read from the terminal or from the first ` +
        'line of stdin; only its hash is stored. A new password, sign-out and remove end the sessions of the user.',
    )
    .usage('<command> | <name>')
    .addCommand(
      new Command('entry')
        .summary('print an entry for DASHBOARD_USERS')
        .description('Prints an entry for DASHBOARD_USERS. Needs no Redis. The word "entry" may be left out.')
        .argument(...nameArgument)
        .addOption(roleOption().default('viewer' as const))
        .option(...generateOption)
        .option(...json('{ "name", "role", "entry", "password" }'))
        .action(async (name, { role, generate = false, json: asJson = false }) => {
          const { hash, password } = await passwordFor(name, generate, context);
          const entry = `${name}:${role}:${hash}`;
          const text = `${shownOnce(name, password)}
Add this entry to DASHBOARD_USERS (separate entries with commas) and restart the dashboard:

  ${entry}
`;
          context.print(asJson ? JSON.stringify({ name, role, entry, ...(password !== undefined && { password }) }) : text);
        }),
      { isDefault: true },
    )
    .addCommand(
      new Command('create')
        .summary('make a user in Redis')
        .description('Makes a user in Redis.')
        .argument(...nameArgument)
        .addOption(roleOption().default('viewer' as const))
        .option(...generateOption)
        .option(...json('{ "name", "role", "password" }'))
        .action(async (name, { role, generate = false, json: asJson }) => {
          const { hash, password } = await passwordFor(name, generate, context);
          await withUsers(context, (directory) => directory.create(name, role, { hash, isTemporary: generate }, commandLineUser()));
          context.print(
            asJson
              ? JSON.stringify({ name, role, ...(password !== undefined && { password }) })
              : `${shownOnce(name, password)}${name} can sign in to the dashboard as ${role}.`,
          );
        }),
    )
    .addCommand(
      new Command('list')
        .summary('list the users in Redis')
        .description('Lists the users in Redis, their roles and when each last signed in. Users in DASHBOARD_USERS are not listed.')
        .option(...json('[{ "name", "role", "signedInAt", … }]'))
        .action(async ({ json: asJson = false }) => context.print(await list(asJson, context))),
    )
    .addCommand(
      new Command('role')
        .summary('change the role of a user')
        .description('Changes the role of a user in Redis.')
        .argument(...nameArgument)
        .addOption(roleOption().makeOptionMandatory())
        .option(...json('{ "name", "role" }'))
        .action(async (name, { role, json: asJson }) => {
          await withUsers(context, (directory) => directory.setRole(name, role, commandLineUser()));
          context.print(asJson ? JSON.stringify({ name, role }) : `${name} is now ${role}.`);
        }),
    )
    .addCommand(
      new Command('password')
        .summary('change the password of a user')
        .description('Changes the password of a user in Redis, and ends the sessions of the user.')
        .argument(...nameArgument)
        .option(...generateOption)
        .option(...json('{ "name", "password" }'))
        .action(async (name, { generate = false, json: asJson }) => {
          const { hash, password } = await passwordFor(name, generate, context);
          await withUsers(context, async (directory, sessions) => {
            await directory.setPassword(name, { hash, isTemporary: generate }, commandLineUser(), 'reset password');
            await sessions.endAll(name);
          });
          context.print(
            asJson
              ? JSON.stringify({ name, ...(password !== undefined && { password }) })
              : `${shownOnce(name, password)}The password of ${name} is changed.`,
          );
        }),
    )
    .addCommand(
      new Command('sign-out')
        .summary('end the sessions of a user')
        .description('Ends the sessions of a user. Also takes a name of single sign-on, oidc:….')
        .argument('<name>', 'of the user', parseSessionName)
        .option(...json('{ "name", "ended" }'))
        .action(async (name, { json: asJson }) => {
          const ended = await signOut(name, context);
          context.print(asJson ? JSON.stringify({ name, ended }) : `Sessions of ${name} that have ended: ${ended}.`);
        }),
    )
    .addCommand(
      new Command('remove')
        .summary('remove a user')
        .description(
          'Removes a user from Redis, and ends the sessions of the user. An entry of this name in DASHBOARD_USERS is not affected.',
        )
        .argument(...nameArgument)
        .option(...json('{ "name" }'))
        .action(async (name, { json: asJson }) => {
          await withUsers(context, async (directory, sessions) => {
            await directory.remove(name, commandLineUser());
            await sessions.endAll(name);
          });
          context.print(
            asJson ? JSON.stringify({ name }) : `${name} is removed. An entry of this name in DASHBOARD_USERS is not affected.`,
          );
        }),
    )
    .addHelpText(
      'after',
      examples(
        ['users create anne --role admin', 'a user in Redis; the password is asked for'],
        ['users password anne --generate', 'a new password, printed once'],
      ),
    );
}

async function list(asJson: boolean, context: CommandContext): Promise<string> {
  const found = await withUsers(context, (directory) => directory.list());
  if (asJson) return JSON.stringify(found.users.map(({ hash: _hidden, ...user }) => user));
  const lines = [...found.users.map(describe), ...found.unreadable.map((name) => `${name}: cannot be read with this POSTHOUSE_SECRET`)];
  return lines.length === 0 ? 'There are no users in Redis. Users in DASHBOARD_USERS are not listed.' : lines.join('\n');
}

async function signOut(name: string, context: CommandContext): Promise<number> {
  return await withUsers(context, async (_directory, sessions, audit) => {
    const count = await sessions.endAll(name);
    await audit.append({ ...commandLineUser(), action: 'end sessions', target: name, detail: `${count} ended` });
    return count;
  });
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

/** Reads a name of a user or of single sign-on. @throws InvalidArgumentError */
function parseSessionName(name: string): string {
  return name.startsWith(ssoNamePrefix) ? name : parseName(name);
}

/** @returns the hash, and the password where it was generated. @throws UsageError */
async function passwordFor(name: string, generate: boolean, context: CommandContext): Promise<{ hash: string; password?: string }> {
  const password = generate ? createPassword() : await readPassword(name, context);
  try {
    return { hash: await hashPassword(password), ...(generate && { password }) };
  } catch (error) {
    if (error instanceof RangeError) throw new UsageError('invalid-password', error.message);
    throw error;
  }
}

function shownOnce(name: string, password: string | undefined): string {
  return password === undefined ? '' : `\nPassword for ${name}. It is not shown again:\n\n  ${password}\n\n`;
}
