/** An error as a person at a terminal should read it: faults of their making in words, faults of ours with the stack. */
export function explain(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const theirs = error.name === 'ConfigFault' || error.name === 'TemplateFault' || 'syscall' in error || error instanceof AggregateError;
  return theirs ? `✗ ${error.message}` : (error.stack ?? error.message);
}
