/** The configuration of commands. No other file of this app reads the environment. */
import { hostname } from 'node:os';
import { delimiter, join } from 'node:path';
import { defaultPorts, type Mailbox } from '@posthouse/contract';
import type { Provider } from '@posthouse/delivery';
import type { SealKeys } from '@posthouse/queue';
import {
  address,
  ConfigError,
  certificateFile,
  type EnvReader,
  port,
  privateKeyFile,
  type RedisSettings,
  readEnv,
  readRedisSettings,
  readSenderDomains,
  text,
  withEnvFile,
} from '@posthouse/runtime';
import type { SubmissionSettings } from './doctor/submission-checks.ts';

/**
 * The readers of the environment. A command calls those that it needs, so that it does not fail for the settings of others.
 * @param env in place of that of the process and `.env`
 * @param machine the name of this machine
 */
export function configReaders(env?: NodeJS.ProcessEnv, machine?: string) {
  return {
    readRedisConfig: () => readRedisConfig(env),
    readTemplatesDir: () => readTemplatesDir(env),
    readBrowserCandidates: () => readBrowserCandidates(env),
    readFromDomains: () => readFromDomains(env),
    readClientConfig: () => readClientConfig(env),
    readDoctorSettings: () => readDoctorSettings(env, machine),
    readSendingConfig: () => readSendingConfig(env),
    readConfig: () => readConfig(env),
  };
}

/** Each throws a ConfigError with every error at once, except `readDoctorSettings`, which returns them. */
export type ConfigReaders = Readonly<ReturnType<typeof configReaders>>;

/** Where the queue is, and the secret that its records are sealed with. */
export interface QueueConfig extends RedisSettings {
  secret: SealKeys;
}

/** Reads where Redis is from the environment alone: for `init`, before there is an `.env`. @throws ConfigError with every error at once */
function readRedisConfig(env: NodeJS.ProcessEnv = process.env): Readonly<RedisSettings> {
  return readEnv(env, readRedisSettings);
}

/** Reads where the templates are from the environment and, in development, `.env`. */
function readTemplatesDir(env: NodeJS.ProcessEnv = withEnvFile(process.env)): string {
  return readEnv(env, (read) => ({ dir: read.withDefault('TEMPLATES_DIR', text, './templates') })).dir;
}

/** Reads where a Chromium or Chrome may be: CHROMIUM_PATH alone or, without it, every folder of PATH and where macOS has applications. */
function readBrowserCandidates(env: NodeJS.ProcessEnv = process.env): readonly string[] {
  const { path, folders } = readEnv(env, (read) => ({ path: read.optional('CHROMIUM_PATH', text), folders: read.optional('PATH', text) }));
  if (path !== undefined) return [path];
  const programs = ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable'];
  const macs = ['Google Chrome', 'Chromium'].map((app) => `/Applications/${app}.app/Contents/MacOS/${app}`);
  return [...programs.flatMap((program) => (folders ?? '').split(delimiter).map((folder) => join(folder, program))), ...macs];
}

/**
 * Reads which sender domains the API allows, as far as the environment and, in development, `.env` have its settings.
 * @returns undefined where they have not
 */
function readFromDomains(env: NodeJS.ProcessEnv = withEnvFile(process.env)): readonly string[] | undefined {
  return readEnv(env, (read) => {
    const from = read.optional('MAIL_FROM', address);
    const allowed = readSenderDomains(read, from);
    return { allowed: allowed.length === 0 ? undefined : allowed };
  }).allowed;
}

/** Reads where the API is, and the key to send with, from the environment and, in development, `.env`. @throws ConfigError with every error at once */
function readClientConfig(env: NodeJS.ProcessEnv = withEnvFile(process.env)): Readonly<{ url: string; key: string }> {
  return readEnv(env, (read) => ({
    url: read.required('POSTHOUSE_URL', httpUrl, 'Set it to the URL of the API, such as http://127.0.0.1:3000.'),
    key: read.orFile.required('POSTHOUSE_KEY', text, 'Set it to an API key: npm run keys -- create <name> makes one.'),
  }));
}

/** What the preview can send with: a relay, or the API. All of it is optional. */
export interface SendingConfig {
  /** Sender of the mails whose template names none. */
  from: Mailbox | undefined;
  /** In order of preference. */
  providers: readonly Provider[] | undefined;
  /** PEM of a private certificate authority to trust besides the public ones. */
  smtpCa: string | undefined;
  /** Outside production: all mail is sent to this address. */
  redirectTo: Mailbox | undefined;
  api: Readonly<{ url: string; key: string }> | undefined;
}

/** Reads what the preview can send with from the environment and, in development, `.env`. @throws ConfigError with every error at once */
async function readSendingConfig(env: NodeJS.ProcessEnv = withEnvFile(process.env)): Promise<Readonly<SendingConfig>> {
  const { smtpProviders } = await import('@posthouse/delivery');
  return readEnv(env, (read) => {
    const url = read.optional('POSTHOUSE_URL', httpUrl);
    const key = read.orFile.optional('POSTHOUSE_KEY', text);
    return {
      from: read.optional('MAIL_FROM', address),
      providers: read.orFile.optional('SMTP_URL', smtpProviders),
      smtpCa: read.optional('SMTP_CA_FILE', certificateFile),
      redirectTo: read.optional('MAIL_REDIRECT_TO', address),
      api: url === undefined || key === undefined ? undefined : { url, key },
    };
  });
}

const httpUrl = (raw: string) => {
  if (!/^https?:$/.test(URL.canParse(raw) ? new URL(raw).protocol : ''))
    throw new Error('must be a URL such as https://posthouse.example.com');
  return raw;
};

/**
 * Reads the environment and, in development, `.env`.
 * @throws ConfigError with every error at once
 */
async function readConfig(env: NodeJS.ProcessEnv = withEnvFile(process.env)): Promise<Readonly<QueueConfig>> {
  // Imported here because loading the queue takes long, and other commands do not need it.
  const { sealKeys } = await import('@posthouse/queue');
  return readEnv(env, (read) => ({
    ...readRedisSettings(read),
    secret: read.orFile.required(
      'POSTHOUSE_SECRET',
      sealKeys,
      'Set it to the value that the API has: records in Redis are sealed with it.',
    ),
  }));
}

/** A value, or what is wrong with the variables. */
export type Setting<T> = { value: T } | { issues: readonly string[] };

/** What `doctor` looks at, each part apart: one that is wrong does not keep the others from being checked. */
export interface DoctorSettings {
  redis: Setting<Readonly<RedisSettings>>;
  secret: Setting<SealKeys>;
  relays: Setting<{ providers: readonly Provider[]; ca: string | undefined }>;
  sender: Setting<{ from: Mailbox | undefined; domains: readonly string[]; returnPath: Mailbox | undefined }>;
  templatesDir: string;
  /** The URL of the API; undefined where there is none. */
  api: Setting<string | undefined>;
  /** The URL of a worker's port; undefined where it has none. */
  worker: Setting<string | undefined>;
  /** Undefined where none is configured. */
  submission: Setting<SubmissionSettings | undefined>;
}

/** Reads them from the environment and, in development, `.env`. @param machine the name of this machine */
async function readDoctorSettings(env: NodeJS.ProcessEnv = withEnvFile(process.env), machine = hostname()): Promise<DoctorSettings> {
  const { sealKeys } = await import('@posthouse/queue');
  const { defaultEhloName, smtpProviders } = await import('@posthouse/delivery');
  const part = <T>(read: (reader: EnvReader) => T): Setting<T> => {
    try {
      return readEnv(env, (reader) => ({ value: read(reader) }));
    } catch (error) {
      if (error instanceof ConfigError) return { issues: error.issues };
      throw error;
    }
  };
  const sender = part((read) => {
    const from = read.optional('MAIL_FROM', address);
    return { from, domains: readSenderDomains(read, from), returnPath: read.optional('MAIL_RETURN_PATH', address) };
  });
  const { from, returnPath } = 'value' in sender ? sender.value : {};
  return {
    redis: part(readRedisSettings),
    secret: part((read) => read.orFile.required('POSTHOUSE_SECRET', sealKeys, 'Set it to the value that the API has.')),
    relays: part((read) => {
      const providers = read.orFile.required(
        'SMTP_URL',
        smtpProviders,
        'Set it to your relay, such as smtps://user:password@smtp.example.com:465.',
      );
      const ehlo = defaultEhloName(machine, [from?.address, returnPath?.address]);
      // As the worker gives it.
      return {
        providers: ehlo === undefined ? providers : providers?.map((each) => ({ ehlo, ...each })),
        ca: read.optional('SMTP_CA_FILE', certificateFile),
      };
    }),
    sender,
    templatesDir: readTemplatesDir(env),
    api: part((read) => read.optional('POSTHOUSE_URL', httpUrl)),
    worker: part((read) => {
      const own = read.optional('WORKER_PORT', port);
      const host = read.withDefault('WORKER_HOST', text, '127.0.0.1');
      return own === undefined ? undefined : `http://${reachable(host)}:${own}`;
    }),
    submission: part(readSubmission),
  };
}

function readSubmission(read: EnvReader): SubmissionSettings | undefined {
  const certificate = read.optional('SUBMISSION_CERT_FILE', certificateFile);
  const key = read.optional('SUBMISSION_KEY_FILE', privateKeyFile);
  const httpPort = read.optional('SUBMISSION_HTTP_PORT', port);
  const httpHost = read.withDefault('SUBMISSION_HTTP_HOST', text, '127.0.0.1');
  const settings = {
    host: reachable(read.withDefault('SUBMISSION_HOST', text, '127.0.0.1')),
    port: read.withDefault('SUBMISSION_TLS_PORT', port, defaultPorts.submission.tls),
    url: httpPort === undefined ? undefined : `http://${reachable(httpHost)}:${httpPort}`,
  };
  return certificate === undefined || key === undefined ? undefined : { ...settings, certificate, key };
}

/** An address of this machine for one that a process listens on. */
function reachable(host: string): string {
  return host === '0.0.0.0' || host === '::' ? '127.0.0.1' : host;
}
