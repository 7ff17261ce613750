/** The real process, as `npm run keys` starts it. */
import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';

const main = fileURLToPath(new URL('../dist/main.js', import.meta.url));

/** How a command ended. */
export interface Ended {
  code: unknown;
  stdout: string;
  stderr: string;
}

/** @param stdin what is piped to it */
export function run(args: readonly string[], stdin = ''): Promise<Ended> {
  return new Promise((resolve) => {
    const { stdin: pipe } = execFile(process.execPath, [main, ...args], (error, stdout, stderr) =>
      resolve({ code: error?.code ?? 0, stdout, stderr }),
    );
    pipe?.on('error', () => undefined); // it may have ended without reading
    pipe?.end(stdin);
  });
}
