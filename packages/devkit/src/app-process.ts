import { ChildProcess, type ChildProcessOptions } from './child-process.ts';

/** Which of our apps to run, and how to know that it is up. */
export interface AppProcessOptions extends Omit<ChildProcessOptions, 'command' | 'args'> {
  /** Path of a .js or .mjs file. */
  entry: string;
  args?: readonly string[];
  /** The whole environment of the app: the caller decides, nothing of ours leaks in. */
  env: NodeJS.ProcessEnv;
}

/** One of our apps as a process of its own, started the way it is in production: `node entry`. */
export class AppProcess extends ChildProcess {
  constructor({ entry, args = [], ...options }: AppProcessOptions) {
    super({ ...options, command: process.execPath, args: [entry, ...args] });
  }
}
