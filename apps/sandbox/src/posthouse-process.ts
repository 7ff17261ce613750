/**
 * The API, a worker or the dashboard, as in production: a process of its own, with an environment of its own, stopped by SIGTERM.
 * Its log lines are JSON; of those a person sees what went wrong, or all of them at LOG_LEVEL=debug.
 */
import { fileURLToPath } from 'node:url';
import type { Service } from '@posthouse/contract';
import { AppProcess } from '@posthouse/devkit';

/** Which app, and what it is told. */
export interface PosthouseProcessOptions {
  name: 'API' | 'worker' | 'dashboard';
  /** URL of its package's entry; `main.js` stands beside it. */
  entry: string;
  /** Its environment, asked for at the start: by then the servers that it names have their ports. */
  settings: () => NodeJS.ProcessEnv;
  /** True for the log line that says that it can be used. */
  readyWhen: (line: LogLine) => boolean;
  logLevel: string;
  /** Says something to the person at the terminal. */
  tell: (line: string) => void;
}

/** A line of pino's, as far as it is read here. */
export interface LogLine {
  level: number;
  msg: string;
  port?: number;
  provider?: string;
  err?: { message: string };
}

const warning = 40;

/** ms. Then a worker that still has a mail in hand is killed: no mail of a sandbox is worth a wait. */
const stopTimeoutMs = 5000;

/** One of our apps. */
export class PosthouseProcess implements Service {
  readonly name: string;
  readonly #options: PosthouseProcessOptions;
  #process: AppProcess | undefined;
  #ready: LogLine | undefined;
  #isUp = false;
  #lastSaid = '';
  #stopping = false;

  constructor(options: PosthouseProcessOptions) {
    this.name = options.name;
    this.#options = options;
  }

  /** The port that it named in its ready line. */
  get port(): number {
    if (this.#ready?.port === undefined) throw new Error(`The ${this.name} has no port yet: start it first`);
    return this.#ready.port;
  }

  /**
   * May be called again after it failed.
   * @param more settings of this one start
   * @throws with everything that it said, when it ends or does not come up
   */
  async start(more: NodeJS.ProcessEnv = {}): Promise<void> {
    const { entry, settings, logLevel, readyWhen, tell } = this.#options;
    // The ready line is of level info; with less than that, the process would never be seen to be up.
    const level = isVerbose(logLevel) ? logLevel : 'info';
    const app = new AppProcess({
      name: this.name,
      entry: fileURLToPath(new URL('main.js', entry)),
      env: { NODE_ENV: 'production', LOG_LEVEL: level, ...settings(), ...more },
      readyWhen: (text) => {
        const line = parseLine(text);
        if (line === undefined || !readyWhen(line)) return false;
        this.#ready = line;
        return true;
      },
      onLine: (text) => this.#show(text),
      stopTimeoutMs,
    });
    this.#process = app;
    await app.start();
    this.#isUp = true;
    app.output.filter((text) => parseLine(text) === undefined).forEach(tell);
    void app.exit.then(({ code, signal }) => {
      if (!this.#stopping) tell(`✗ The ${this.name} has ended (${signal ?? `code ${code}`}). Start the sandbox again.`);
    });
  }

  async stop(): Promise<void> {
    this.#stopping = true;
    await this.#process?.stop();
  }

  #show(text: string): void {
    const { logLevel, tell } = this.#options;
    const line = parseLine(text);
    if (line === undefined) {
      // The words of one that does not come up are in the error of its start.
      if (this.#isUp) tell(text);
      return;
    }
    if (isVerbose(logLevel)) {
      tell(text);
      return;
    }
    if (line.level < warning || logLevel === 'silent') return;
    const said = `! ${this.name}: ${line.msg}${line.err === undefined ? '' : `: ${line.err.message}`}`;
    // What is amiss for a while may be said many times a second.
    if (said !== this.#lastSaid) tell(said);
    this.#lastSaid = said;
  }
}

function isVerbose(logLevel: string): boolean {
  return logLevel === 'debug' || logLevel === 'trace';
}

/** @returns undefined for what is no log line, such as the last words of a process that crashed */
function parseLine(text: string): LogLine | undefined {
  try {
    const line: unknown = JSON.parse(text);
    return typeof line === 'object' && line !== null && 'level' in line && 'msg' in line ? (line as LogLine) : undefined;
  } catch {
    return undefined;
  }
}
