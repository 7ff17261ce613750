/**
 * Debian's Exim or Postfix as a relay: STARTTLS with a certificate of a temporary authority, its own limits, its own folder. It accepts
 * mail for everyone and passes it on to another server of this machine, which counts what arrives.
 *
 * The programs are unpacked packages, see scripts/setup/mail-servers.mjs. They need root, because Postfix does.
 */
import { once } from 'node:events';
import { chmod, chown, cp, mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Service } from '@posthouse/contract';
import type { CertificateAuthority } from './certificate-authority.ts';
import { ChildProcess } from './child-process.ts';
import { eximConfig, postfixConfig } from './debian-relay-config.ts';
import { freePort } from './redis-process.ts';

/** Settings of a relay. */
export interface DebianRelayOptions {
  software: 'exim' | 'postfix';
  /** The folder of the unpacked packages. */
  programs: string;
  /** Issues its certificate. */
  ca: CertificateAuthority;
  /** The port of the server on 127.0.0.1 that gets the mails. */
  forwardTo: number;
  /** Limits, by their names in its configuration: `smtp_accept_max`, `smtpd_client_message_rate_limit`. */
  limits: Readonly<Record<string, number | string>>;
}

/** A user without a name on this machine. The programs know it by theirs. */
const uid = 64_001;
const setgidGroup = 64_002;

const greetingTries = 200;
const greetingIntervalMs = 50;

/** One run of a relay. */
export class DebianRelay implements Service {
  readonly name: string;
  readonly #options: DebianRelayOptions;
  #process: ChildProcess | undefined;
  #dir: string | undefined;
  #port: number | undefined;

  constructor(options: DebianRelayOptions) {
    this.name = options.software;
    this.#options = options;
  }

  /** Its URL in the format of SMTP_URL; Exim requires a login, Postfix takes mail from this machine. */
  get url(): string {
    if (this.#port === undefined) throw new Error(`${this.name} has no port yet: start it first`);
    return `smtp://${this.name === 'exim' ? 'posthouse:secret@' : ''}localhost:${this.#port}`;
  }

  async start(): Promise<void> {
    const { software, programs, ca, forwardTo, limits } = this.#options;
    const dir = await mkdtemp(join(tmpdir(), `posthouse-${software}-`));
    this.#dir = dir;
    this.#port = await freePort();
    // The user may not be allowed to enter the folder of the repository.
    await cp(programs, join(dir, 'programs'), { recursive: true, filter: (path) => !path.endsWith('/archives') });
    const { certPem, keyPem } = await ca.issue({ hosts: ['localhost', '127.0.0.1'] });
    await writeFile(join(dir, 'tls.pem'), `${keyPem}\n${certPem}`);
    const files = (software === 'exim' ? eximConfig : postfixConfig)({ dir, port: this.#port, forwardTo, limits, uid });
    for (const [path, content] of Object.entries(files)) await writeFile(join(dir, path), content);
    const user = software === 'exim' ? 'Debian-exim' : 'postfix';
    await writeFile(join(dir, 'passwd'), `root:x:0:0::/:/bin/sh\n${user}:x:${uid}:${uid}::/:\nnobody:x:65534:65534::/:\n`);
    await writeFile(join(dir, 'group'), `root:x:0:\n${user}:x:${uid}:\npostdrop:x:${setgidGroup}:\nnogroup:x:65534:\n`);
    await this.#prepareFolders(dir);
    this.#process = new ChildProcess({
      name: software,
      ...(software === 'exim' ? eximCommand(dir) : postfixCommand(dir)),
      env: await environment(dir),
      whenReady: () => greeting(this.#port as number),
      stopTimeoutMs: 10_000,
    });
    await this.#process.start();
  }

  async stop(): Promise<void> {
    await this.#process?.stop();
    if (this.#dir !== undefined) await rm(this.#dir, { recursive: true, force: true });
  }

  async #prepareFolders(dir: string): Promise<void> {
    await chmod(dir, 0o755);
    // With the set-user-id bit it would ignore LD_LIBRARY_PATH.
    await chmod(join(dir, 'programs/usr/sbin/exim4'), 0o755);
    await chown(join(dir, 'tls.pem'), uid, uid);
    const queues = [
      'active',
      'bounce',
      'corrupt',
      'defer',
      'deferred',
      'flush',
      'hold',
      'incoming',
      'private',
      'public',
      'maildrop',
      'pid',
    ];
    for (const folder of ['data', 'spool', ...queues.map((queue) => join('spool', queue)), 'spool/saved', 'spool/trace']) {
      await mkdir(join(dir, folder));
      await chown(join(dir, folder), uid, uid);
    }
  }
}

function eximCommand(dir: string): { command: string; args: string[] } {
  const exim = [join(dir, 'programs/usr/sbin/exim4'), '-C', join(dir, 'exim.conf'), '-bdf', '-q1s'];
  return { command: 'setpriv', args: [`--reuid=${uid}`, `--regid=${uid}`, '--clear-groups', ...exim] };
}

function postfixCommand(dir: string): { command: string; args: string[] } {
  return { command: join(dir, 'programs/usr/lib/postfix/sbin/master'), args: ['-c', dir, '-d'] };
}

/** The libraries of the packages, and the users. */
async function environment(dir: string): Promise<NodeJS.ProcessEnv> {
  const lib = join(dir, 'programs/usr/lib');
  const architecture = (await readdir(lib)).find((folder) => folder.endsWith('-linux-gnu')) ?? '';
  return {
    PATH: '/usr/sbin:/usr/bin:/sbin:/bin',
    LD_LIBRARY_PATH: [join(lib, architecture), join(lib, 'postfix')].join(':'),
    LD_PRELOAD: join(lib, architecture, 'libnss_wrapper.so'),
    NSS_WRAPPER_PASSWD: join(dir, 'passwd'),
    NSS_WRAPPER_GROUP: join(dir, 'group'),
  };
}

/** Resolves when a server greets on that port. */
async function greeting(port: number): Promise<void> {
  for (let tries = 0; tries < greetingTries; tries++) {
    const socket = connect(port, '127.0.0.1').on('error', () => undefined);
    const [greeted] = await Promise.race([once(socket, 'data'), once(socket, 'close').then(() => [])]).catch(() => []);
    socket.destroy();
    if (String(greeted).startsWith('220')) return;
    await sleep(greetingIntervalMs);
  }
}
