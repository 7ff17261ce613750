/** The sandbox's configuration. No other file of this app reads the environment or the command line. */
import { fileURLToPath } from 'node:url';
import { isRelayName, type RelayProfile, relayNames, relayProfile } from '@posthouse/devkit';
import { sealKeys } from '@posthouse/queue';
import { domains, type EnvReader, logLevel, port, readEnv, readRedisSettings, redisAccessVariables, text } from '@posthouse/runtime';
import type { GivenRedis } from './processes/redis-and-relay.ts';

/** The settings of the sandbox. All are optional. */
export interface SandboxConfig {
  /** End when the first mail has arrived. */
  once: boolean;
  /** Make a new API key and a new password in place of those of earlier starts. */
  fresh: boolean;
  /** The folder of what stays between starts: key and password. */
  folder: string;
  /** The relay that the SMTP server behaves like; when undefined, it takes everything. */
  relay: RelayProfile | undefined;
  /** An existing Redis to use instead of a private one: that of REDIS_URL. */
  redis: GivenRedis | undefined;
  /** What seals mails in it; undefined for a new secret. */
  secret: string | undefined;
  /** Port of the pages. When undefined: 3080, or any free port if that is in use. 0 lets the system choose. */
  webPort: number | undefined;
  /** Port of the API. When undefined: 3000, or any free port if that is in use. 0 lets the system choose. */
  apiPort: number | undefined;
  /** Port of the dashboard. When undefined: 3001, or any free port if that is in use. 0 lets the system choose. */
  dashboardPort: number | undefined;
  /** Port of SMTP submission, with TLS. When undefined: 4465, or any free port if that is in use. 0 lets the system choose. */
  submissionPort: number | undefined;
  /** Domains that a sender may have besides that of the sandbox. */
  fromDomains: readonly string[];
  /** Log level of the API, the worker and the dashboard. `debug` and `trace` show every log line, other levels only warnings and errors. */
  logLevel: string;
}

/** @throws ConfigError with every issue */
export function readConfig(env: NodeJS.ProcessEnv = process.env, args: readonly string[] = process.argv.slice(2)): Readonly<SandboxConfig> {
  return readEnv(env, (read) => ({
    ...readOptions(args, (issue) => read.addIssue(issue)),
    folder: read.withDefault('SANDBOX_DIR', text, fileURLToPath(new URL('../../../.posthouse/sandbox', import.meta.url))),
    ...readRedis(read, env),
    webPort: read.optional('SANDBOX_PORT', port),
    apiPort: read.optional('API_PORT', port),
    dashboardPort: read.optional('DASHBOARD_PORT', port),
    submissionPort: read.optional('SUBMISSION_TLS_PORT', port),
    fromDomains: read.optional('MAIL_FROM_DOMAINS', domains) ?? [],
    logLevel: read.withDefault('LOG_LEVEL', logLevel, 'info'),
  }));
}

/** The processes read the files of Redis themselves. A private Redis is empty: what sealed the mails in another one is not read. */
function readRedis(read: EnvReader, env: NodeJS.ProcessEnv): Pick<SandboxConfig, 'redis' | 'secret'> {
  const url = read.optional('REDIS_URL', text);
  if (url === undefined) return { redis: undefined, secret: undefined };
  const access = Object.fromEntries(redisAccessVariables.map((name) => [name, env[name]]));
  return {
    redis: { settings: readRedisSettings(read), env: { REDIS_URL: url, ...access } },
    secret: read.orFile.optional('POSTHOUSE_SECRET', secret),
  };
}

/** Checked here, and handed on as it is. */
function secret(raw: string): string {
  sealKeys(raw);
  return raw;
}

function readOptions(args: readonly string[], addIssue: (issue: string) => void): Pick<SandboxConfig, 'once' | 'fresh' | 'relay'> {
  let once = false;
  let fresh = false;
  let relay: RelayProfile | undefined;
  for (let index = 0; index < args.length; index++) {
    const option = args[index] as string;
    if (option === '--once') once = true;
    else if (option === '--fresh') fresh = true;
    else if (option === '--relay') {
      index += 1;
      try {
        relay = parseRelay(args[index] ?? '');
      } catch (error) {
        addIssue((error as Error).message);
      }
    } else addIssue(`${option} is not an option; the options are --once, --fresh and --relay <name>`);
  }
  return { once, fresh, relay };
}

/** `office365`, or with other numbers in its limits: `office365:quota=20,connections=1`. */
function parseRelay(text: string): RelayProfile {
  const [name = '', numbers = ''] = text.split(/:(.*)/s);
  if (!isRelayName(name)) throw new Error(`--relay must be one of ${relayNames.join(', ')}${name && `; "${name}" is not`}`);
  const limits = numbers.split(',').filter(Boolean);
  const invalid = limits.find((limit) => !/^[a-zA-Z]+=[1-9]\d{0,8}$/.test(limit));
  if (invalid !== undefined) throw new Error(`--relay ${name}: "${invalid}" is not a limit with a number, such as quota=20`);
  return relayProfile(name, Object.fromEntries(limits.map((limit) => [limit.split('=')[0], Number(limit.split('=')[1])])));
}
