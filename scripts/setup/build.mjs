import { runInstalled } from './command.mjs';

/** Compiles every package whose sources changed. The compiler itself knows which. */
export async function build() {
  await runInstalled('typescript', 'tsc', ['-b']);
}
