/**
 * Reads configuration from environment variables and names every fault at once: nobody should have to
 * start a process five times to learn of five mistakes. Values never appear in a message; they may be secrets.
 */
import type { Parser } from './env-values.ts';

/** Everything that is wrong with the configuration, a line each. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError';
  readonly issues: readonly string[];

  constructor(issues: readonly string[]) {
    super(
      `The configuration has ${issues.length === 1 ? 'a fault' : `${issues.length} faults`}:\n${issues.map((issue) => `  - ${issue}`).join('\n')}`,
    );
    this.issues = issues;
  }
}

/** Handed to the function that `readEnv` runs. */
export interface EnvReader {
  /** A variable that must be set. `mend` says what to set it to. */
  required<T>(name: string, parse: Parser<T>, fix: string): T;
  /** A variable that may be absent; an empty one counts as absent, as Compose sets it. */
  optional<T>(name: string, parse: Parser<T>): T | undefined;
  /** A variable with a default. */
  withDefault<T>(name: string, parse: Parser<T>, fallback: T): T;
  /** A fault between variables. */
  issue(message: string): void;
}

/**
 * Builds a frozen configuration from the environment.
 *
 * @param env the variables; only an app's `config.ts` hands in `process.env`
 * @param build takes every variable through the reader. It must not look into values: a faulty one is undefined until all are read
 * @throws ConfigError naming every fault at once
 */
export function readEnv<T extends object>(env: NodeJS.ProcessEnv, build: (reader: EnvReader) => T): Readonly<T> {
  const issues: string[] = [];
  const parsed = <V>(name: string, parse: Parser<V>, whenAbsent: () => V | undefined): V | undefined => {
    const raw = env[name]?.trim();
    if (raw === undefined || raw === '') return whenAbsent();
    try {
      return parse(raw);
    } catch (error) {
      issues.push(`${name} ${(error as Error).message}`);
      return undefined;
    }
  };
  const config = build({
    // A faulty value is never used: readEnv throws before anyone sees the configuration.
    required: <V>(name: string, parse: Parser<V>, fix: string) =>
      parsed(name, parse, () => {
        issues.push(`${name} is not set. ${fix}`);
        return undefined;
      }) as V,
    optional: (name, parse) => parsed(name, parse, () => undefined),
    withDefault: <V>(name: string, parse: Parser<V>, fallback: V) => parsed(name, parse, () => fallback) as V,
    issue: (message) => void issues.push(message),
  });
  if (issues.length > 0) throw new ConfigError(issues);
  return Object.freeze(config);
}
