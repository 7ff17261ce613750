/** Runs the command line as a process, as `npm run keys` does. */
import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';

const main = fileURLToPath(new URL('../dist/main.js', import.meta.url));

/** Exit code and output. */
export interface Ended {
  code: unknown;
  stdout: string;
  stderr: string;
}

/** @param stdin written to the process @param env its environment @param cwd its working directory */
export function run(args: readonly string[], stdin = '', env: NodeJS.ProcessEnv = process.env, cwd?: string): Promise<Ended> {
  return new Promise((resolve) => {
    const { stdin: pipe } = execFile(process.execPath, [main, ...args], { env, cwd }, (error, stdout, stderr) =>
      resolve({ code: error?.code ?? 0, stdout, stderr }),
    );
    pipe?.on('error', () => undefined); // The process may exit without reading it.
    pipe?.end(stdin);
  });
}
