/** `init`: writes the first `.env`, shows the key and the password that belong to it, and says what to do next. */
import { existsSync } from 'node:fs';
import { basename, resolve } from 'node:path';
import { createInterface } from 'node:readline/promises';
import { Command, type CommandUnknownOpts } from '@commander-js/extra-typings';
import { defaultPorts } from '@posthouse/contract';
import { type CommandContext, CommandError, json } from './command.ts';
import { type FirstSettings, firstSettings, writeEnvFile } from './env-file.ts';
import { findRedis, redisAdvice } from './redis-advice.ts';

/** The command `init`. */
export function init(context: CommandContext): CommandUnknownOpts {
  return new Command('init')
    .summary('write the first .env')
    .description(
      'Writes .env: a new POSTHOUSE_SECRET, an API key, a user of the dashboard, and a local relay (Mailpit) that you replace by your own. ' +
        'Key and password are printed once; the file has their hashes. It can be read by its owner only. Looks for Redis at REDIS_URL and says what is next.',
    )
    .option('--force', 'replaces an existing .env, which is kept under another name')
    .option(...json('{ "file", "previous", "apiKey", "admin", "redis" }'))
    .action(async ({ force = false, json: asJson = false }) => {
      const redisSettings = context.readRedisConfig();
      const file = resolve(context.folder, '.env');
      const replace = force || (existsSync(file) && (await isReplacementWanted(file, asJson, context)));
      const settings = await firstSettings();
      const previous = write(file, settings, replace);
      const redis = await findRedis(redisSettings, settings.values['POSTHOUSE_SECRET'] ?? '', context.durations.timings);
      const { apiKey, admin } = settings;
      context.print(
        asJson
          ? JSON.stringify({ file, previous: previous ?? null, apiKey, admin, redis })
          : report(file, previous, settings, await redisAdvice(redis)),
      );
    });
}

const whyNot = 'Mails in Redis that its POSTHOUSE_SECRET sealed can be read with that secret only';

/** @throws CommandError where nobody can be asked */
async function isReplacementWanted(file: string, asJson: boolean, { stdin, stderr }: CommandContext): Promise<boolean> {
  const canAsk = stdin.isTTY && !asJson;
  if (canAsk) {
    const terminal = createInterface({ input: stdin, output: stderr });
    const answer = await terminal.question(`${file} exists. ${whyNot}.\nReplace it, and keep it under another name? [y/N] `);
    terminal.close();
    if (/^y(es)?$/i.test(answer.trim())) return true;
  }
  throw new CommandError(
    'file-exists',
    `${file} exists and was not changed. ${whyNot}. With --force it is replaced, and kept under another name.`,
  );
}

function write(file: string, { values }: FirstSettings, replace: boolean): string | undefined {
  try {
    return writeEnvFile(file, values, replace);
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    if (code === 'EEXIST') throw new CommandError('file-exists', `${file} exists and was not changed.`);
    throw code === undefined ? error : new CommandError('file-not-written', `${file} cannot be written: ${message}`);
  }
}

function report(file: string, previous: string | undefined, { values, apiKey, admin }: FirstSettings, redis: readonly string[]): string {
  const kept = previous === undefined ? '' : ` The previous one is ${basename(previous)}.`;
  return `
${file} is written; only you can read it.${kept}

API key for ${apiKey.name}, and the URL of the API on this machine. The key is not shown again; API_KEYS has its hash:

  export POSTHOUSE_URL=http://127.0.0.1:${defaultPorts.api}
  export POSTHOUSE_KEY=${apiKey.key}

User of the dashboard: ${admin.name}. The password is not shown again; DASHBOARD_USERS has its hash:

  ${admin.password}

Next:

  1. ${redis.join('\n     ')}
  2. Set MAIL_FROM and SMTP_URL in .env to your sender and relay. SMTP_URL is now ${values['SMTP_URL']}: Mailpit on this machine,
     which shows mails at http://127.0.0.1:8025 and delivers none. Start it with mailpit, or with
       docker run --rm -p 127.0.0.1:1025:1025 -p 127.0.0.1:8025:8025 axllent/mailpit
  3. Start npm run api, npm run worker and npm run dashboard, each in a terminal of its own, or all of them with npm run dev.
`;
}
