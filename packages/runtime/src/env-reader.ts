/**
 * Reads configuration from environment variables and reports every error at once, so that five mistakes do not take five starts.
 * Values never appear in a message; they may be secrets.
 */
import { existsSync, readFileSync } from 'node:fs';
import { parseEnv } from 'node:util';
import type { OperatorError } from '@posthouse/contract';
import { type Parser, readSecret } from './env-values.ts';

/** Invalid configuration: one line for each variable that is wrong. */
export class ConfigError extends Error implements OperatorError {
  override readonly name = 'ConfigError';
  readonly forOperator = true;
  readonly issues: readonly string[];

  constructor(issues: readonly string[]) {
    super(
      `${issues.length} configuration ${issues.length === 1 ? 'error' : 'errors'}:\n${issues.map((issue) => `  - ${issue}`).join('\n')}`,
    );
    this.issues = issues;
  }
}

/** Reads one variable at a time and collects what is wrong. */
export interface EnvReader extends VariableReader {
  /**
   * Reads the same, also from a file: `<name>_FILE` may name one instead, as orchestrators provide secrets. Its content, without the
   * line break at its end, is the value.
   */
  orFile: VariableReader;
  /** Reports what no parser can see, such as two variables that contradict each other. */
  addIssue(message: string): void;
}

/** Reads variables by name. */
interface VariableReader {
  /** A variable that must be set. `fix` says what to set it to. */
  required<T>(name: string, parse: Parser<T>, fix: string): T;
  /** A variable that may be absent; an empty one counts as absent, as Compose sets it. */
  optional<T>(name: string, parse: Parser<T>): T | undefined;
  /** A variable with a default. */
  withDefault<T>(name: string, parse: Parser<T>, fallback: T): T;
}

/**
 * Adds the variables of an `.env` file, in development: not when NODE_ENV is production. A variable that is set already keeps its value.
 *
 * @param env the process's variables; they are not changed
 * @param file a missing one adds nothing
 */
export function withEnvFile(env: NodeJS.ProcessEnv, file = '.env'): NodeJS.ProcessEnv {
  if (env['NODE_ENV'] === 'production' || !existsSync(file)) return env;
  return { ...parseEnv(readFileSync(file, 'utf8')), ...env };
}

/**
 * Builds a frozen configuration from the environment.
 *
 * @param env the variables; only an app's `config.ts` passes `process.env`
 * @param build reads every variable through the reader. An invalid value is undefined, so it must not be used here
 * @throws ConfigError with every error at once
 */
export function readEnv<T extends object>(env: NodeJS.ProcessEnv, build: (reader: EnvReader) => T): Readonly<T> {
  const issues: string[] = [];
  const reader = (textOf: (name: string) => string | undefined): VariableReader => {
    const parsed = <V>(name: string, parse: Parser<V>, whenAbsent: () => V | undefined): V | undefined => {
      try {
        const raw = textOf(name);
        return raw === undefined ? whenAbsent() : parse(raw);
      } catch (error) {
        issues.push(`${name}${error instanceof SecretFileError ? fileSuffix : ''} ${(error as Error).message}`);
        return undefined;
      }
    };
    return {
      // The cast is safe: after an invalid value, readEnv throws and no configuration is returned.
      required: <V>(name: string, parse: Parser<V>, fix: string) =>
        parsed(name, parse, () => {
          issues.push(`${name} is not set. ${fix}`);
          return undefined;
        }) as V,
      optional: (name, parse) => parsed(name, parse, () => undefined),
      withDefault: <V>(name: string, parse: Parser<V>, fallback: V) => parsed(name, parse, () => fallback) as V,
    };
  };
  const config = build({
    ...reader((name) => variable(env, name)),
    orFile: reader((name) => variableOrFile(env, name)),
    addIssue: (message) => void issues.push(message),
  });
  if (issues.length > 0) throw new ConfigError(issues);
  return Object.freeze(config);
}

const fileSuffix = '_FILE';

/** A file that a variable names is the cause, not the value in it. */
class SecretFileError extends Error {}

function variable(env: NodeJS.ProcessEnv, name: string): string | undefined {
  return env[name]?.trim() || undefined;
}

function variableOrFile(env: NodeJS.ProcessEnv, name: string): string | undefined {
  const value = variable(env, name);
  const file = variable(env, name + fileSuffix);
  if (file === undefined) return value;
  if (value !== undefined) throw new SecretFileError(`is set as well as ${name}; unset one of them`);
  try {
    return readSecret(file);
  } catch (error) {
    throw new SecretFileError((error as Error).message);
  }
}
