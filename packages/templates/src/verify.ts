/**
 * Finds what a worker would refuse in a template set, for a process that loads neither MJML nor Handlebars: another process compiles the
 * set and ends.
 */
import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import type { OperatorError } from '@posthouse/contract';
import { TemplateError, type TemplateIssue } from './template-error.ts';

const program = fileURLToPath(new URL('./verify-process.js', import.meta.url));

/** The other process could not be started, did not end in time, or failed. */
class VerifyError extends Error implements OperatorError {
  override readonly name = 'VerifyError';
  readonly forOperator = true;
}

/**
 * Compiles a template set and renders its samples, in a process of its own, which takes some 140 MB of memory meanwhile. It gets none of
 * this process's environment, so that no secret is in it.
 *
 * @param timeoutMs after that long the process is killed
 * @param signal kills it too
 * @throws TemplateError listing all issues, or an OperatorError when the set could not be compiled at all
 */
export async function verifyTemplates(dir: string, timeoutMs: number, signal: AbortSignal): Promise<void> {
  const { stdout } = await promisify(execFile)(process.execPath, [program, dir], {
    env: {},
    timeout: timeoutMs,
    signal,
    killSignal: 'SIGKILL',
    maxBuffer: 64 * 1024 * 1024,
  }).catch((error: Error) => {
    const reason = failureReason(error, timeoutMs);
    throw new VerifyError(`The templates in ${dir} could not be compiled: ${reason}. Look at them with: npm run templates -- check`, {
      cause: error,
    });
  });
  const issues = JSON.parse(stdout) as TemplateIssue[];
  if (issues.length > 0) throw new TemplateError(dir, issues);
}

/** Why a process of Node has failed, as a clause. @param error of execFile @param timeoutMs that it was given */
export function failureReason(error: Error & { killed?: boolean; signal?: string | null; stderr?: string }, timeoutMs: number): string {
  const { killed, signal, stderr = '', message } = error;
  if (killed) return `it took longer than ${timeoutMs} ms`;
  if (signal) return `it was ended by ${signal}`;
  // Node writes its source before an uncaught error, and its version after the stack.
  const [thrown] = /^\w*Error\b.*$/m.exec(stderr) ?? [];
  return thrown ?? (stderr.trim().split('\n')[0] || message);
}
