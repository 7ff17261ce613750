/** The command line cannot be understood. The message says why; whoever catches it adds the usage. */
export class UsageFault extends Error {
  override readonly name = 'UsageFault';
}
