/** A child process that does what its parent requests, over the channel that Node.js opens between them. It ends when its parent does. */
import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';

/** What a child can be requested to do. */
type Methods = Record<string, (...args: never[]) => unknown>;

/** A method as its parent sees it. */
type Remote<Method> = Method extends (...args: infer Args) => infer Result ? (...args: Args) => Promise<Awaited<Result>> : never;

interface Request {
  id: number;
  method: string;
  args: unknown[];
}

interface Answer {
  id: number;
  result?: unknown;
  error?: string;
}

/** The parent's side. */
export class Child<Served extends Methods> {
  readonly #child: ChildProcess;
  readonly #pending = new Map<number, { resolve: (result: unknown) => void; reject: (error: Error) => void }>();
  #nextId = 0;

  /** Starts a program of this package, which calls `serveParent`. @param program its path from `src`, without extension */
  constructor(program: string) {
    // The compiled file, also where a test runs this one from `src`.
    this.#child = fork(fileURLToPath(new URL(`../../dist/${program}.js`, import.meta.url)), { serialization: 'advanced' });
    this.#child.on('message', (answer: Answer) => {
      const request = this.#pending.get(answer.id);
      this.#pending.delete(answer.id);
      if (answer.error === undefined) request?.resolve(answer.result);
      else request?.reject(new Error(answer.error));
    });
    this.#child.on('exit', (code, signal) => {
      for (const { reject } of this.#pending.values()) reject(new Error(`${program} has ended (${signal ?? `code ${code}`})`));
    });
  }

  get pid(): number {
    return this.#child.pid as number;
  }

  /** Calls a method of the child. @throws what it throws, or Error when the child ends before it answers */
  readonly call = new Proxy({} as { [Name in keyof Served]: Remote<Served[Name]> }, {
    get:
      (_target, method: string) =>
      (...args: unknown[]) =>
        this.#request(method, args),
  });

  /** Ends the child. */
  async stop(): Promise<void> {
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return;
    const ended = once(this.#child, 'exit');
    this.#child.disconnect();
    await ended;
  }

  #request(method: string, args: unknown[]): Promise<unknown> {
    const id = this.#nextId++;
    return new Promise((resolve, reject) => {
      this.#pending.set(id, { resolve, reject });
      this.#child.send({ id, method, args } satisfies Request);
    });
  }
}

/**
 * The child's side.
 * @param stop closes what keeps the process running; called when the parent ends the child, or has ended
 */
export function serveParent(methods: Methods, stop: () => Promise<void> | void): void {
  const send = (answer: Answer) => void process.send?.(answer);
  process.on('message', async ({ id, method, args }: Request) => {
    try {
      send({ id, result: await (methods[method] as (...values: unknown[]) => unknown)(...args) });
    } catch (error) {
      send({ id, error: (error as Error).stack ?? String(error) });
    }
  });
  process.on('disconnect', stop);
}

/** ms by a clock that all processes of a machine share. */
export function sharedClock(): number {
  return Number(process.hrtime.bigint()) / 1e6;
}
