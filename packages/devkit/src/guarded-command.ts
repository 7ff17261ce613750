/**
 * A command that does not outlive the process that started it, however that process ends.
 *
 * No system call does this on both Linux and macOS, but a pipe does: the kernel closes our end when we
 * die, even by SIGKILL. So the command is started by a shell that first leaves a guard behind. The guard
 * reads file descriptor 3. A line means that the command has ended by itself; the end of the pipe means
 * that we are gone, and the guard kills the command. The shell then *becomes* the command, so the
 * process id is the command's own and signals reach it directly.
 */
const script = '(read -r line <&3 || kill -KILL $$) >/dev/null 2>&1 & exec "$@" 3<&-';

/** What to hand to `spawn`, with a pipe as the fourth entry of `stdio`. Write a line to it when the command has ended. */
export function guardedCommand(command: string, args: readonly string[]): { file: string; args: string[] } {
  return { file: '/bin/sh', args: ['-c', script, 'sh', command, ...args] };
}
