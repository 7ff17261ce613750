/**
 * The API, SMTP submission, a worker or the dashboard as in production: a process with its own environment, stopped by SIGTERM.
 * Its logs are JSON lines. The terminal shows the warnings and errors among them, or at LOG_LEVEL=debug every line, in the form that the app
 * itself has in a terminal.
 */
import { fileURLToPath } from 'node:url';
import type { Service } from '@posthouse/contract';
import { AppProcess } from '@posthouse/devkit';
import { prettyLines } from '@posthouse/runtime';
import type { TemplateNews, TemplateSetLine } from './template-news.ts';

/** Which app to run, and how. */
export interface PosthouseProcessOptions {
  name: 'API' | 'worker' | 'dashboard' | 'submission';
  /** URL of its package's entry; `main.js` is in the same folder. */
  entry: string;
  /** Returns its environment. Called at the start, when the servers that it names have their ports. */
  env: () => NodeJS.ProcessEnv;
  /** True for the log line that says that the app is ready. */
  readyWhen: (line: LogLine) => boolean;
  logLevel: string;
  /** ms from SIGTERM until it is killed, even while it is sending. */
  stopTimeoutMs: number;
  /** What the processes that load templates report together. */
  templateNews: TemplateNews;
  /** Writes a line to the terminal. */
  log: (line: string) => void;
}

/** The fields of a pino log line that are used here. */
export interface LogLine extends TemplateSetLine {
  level: number;
  port?: number;
  provider?: string;
  security?: string;
  err?: { message: string };
}

/** Fields that a warning does not list: every line has them, or they have a place of their own. */
const shownElsewhere = new Set(['level', 'time', 'msg', 'service', 'err']);

/** What to do when one has exited. A worker needs no port, and what it needs was printed at the start. */
const restartAdvice = {
  worker: 'Start another one: paste the export lines above into another terminal and run npm run worker there',
  other: 'Start the sandbox again',
};

/** pino's level `warn`. */
const warnLevel = 40;

/** One app of Posthouse. */
export class PosthouseProcess implements Service {
  readonly name: string;
  readonly #options: PosthouseProcessOptions;
  #process: AppProcess | undefined;
  #readyLine: LogLine | undefined;
  #started = false;
  #stopping = false;
  #lastWarning = '';
  #format: ((line: string) => string) | undefined;

  constructor(options: PosthouseProcessOptions) {
    this.name = options.name;
    this.#options = options;
  }

  /** The port in its ready line. */
  get port(): number {
    if (this.#readyLine?.port === undefined) throw new Error(`The ${this.name} has no port yet: start it first`);
    return this.#readyLine.port;
  }

  /**
   * May be called again after a failure.
   * @param extraEnv added to the environment of this start
   * @throws with its whole output when it exits or does not become ready
   */
  async start(extraEnv: NodeJS.ProcessEnv = {}): Promise<void> {
    const { entry, env, logLevel, readyWhen, stopTimeoutMs, log } = this.#options;
    // The ready line has level info: at a higher level it would not be written.
    const level = isVerbose(logLevel) ? logLevel : 'info';
    const app = new AppProcess({
      name: this.name,
      entry: fileURLToPath(new URL('main.js', entry)),
      env: { NODE_ENV: 'production', LOG_LEVEL: level, ...env(), ...extraEnv },
      readyWhen: (text) => {
        const line = parseLogLine(text);
        if (line === undefined || !readyWhen(line)) return false;
        this.#readyLine = line;
        return true;
      },
      onLine: (text) => this.#show(text),
      stopTimeoutMs,
    });
    this.#process = app;
    await app.start();
    this.#started = true;
    app.output.filter((text) => parseLogLine(text) === undefined).forEach(log);
    void app.exit.then(({ code, signal }) => {
      const advice = restartAdvice[this.name === 'worker' ? 'worker' : 'other'];
      if (!this.#stopping) log(`✗ The ${this.name} has exited (${signal ?? `code ${code}`}). ${advice}.`);
    });
  }

  async stop(): Promise<void> {
    this.#stopping = true;
    await this.#process?.stop();
  }

  #show(text: string): void {
    const { logLevel, log, templateNews } = this.#options;
    const line = parseLogLine(text);
    if (line === undefined) {
      // Until it is ready, such output goes into the error of its start.
      if (this.#started) log(text);
      return;
    }
    if (isVerbose(logLevel)) {
      this.#format ??= prettyLines(false);
      log(this.#format(text).trimEnd());
      return;
    }
    if (logLevel === 'silent') return;
    const news = templateNews.lineFor(this.name, line);
    if (news !== null) {
      if (news !== undefined) log(news);
      return;
    }
    if (line.level < warnLevel) return;
    const warning = `! ${this.name}: ${line.msg}${line.err === undefined ? '' : `: ${line.err.message}`}`;
    // A lasting failure may be logged many times a second, with other fields each time.
    if (warning !== this.#lastWarning) log(warning + fieldsOf(line));
    this.#lastWarning = warning;
  }
}

function fieldsOf(line: LogLine): string {
  const fields = Object.entries(line).filter(([name]) => !shownElsewhere.has(name));
  return fields.map(([name, value]) => ` ${name}=${typeof value === 'string' ? value : JSON.stringify(value)}`).join('');
}

function isVerbose(logLevel: string): boolean {
  return logLevel === 'debug' || logLevel === 'trace';
}

/** @returns undefined for other output, such as the stack trace of a crash */
function parseLogLine(text: string): LogLine | undefined {
  try {
    const line: unknown = JSON.parse(text);
    return typeof line === 'object' && line !== null && 'level' in line && 'msg' in line ? (line as LogLine) : undefined;
  } catch {
    return undefined;
  }
}
