/** The sandbox's configuration. No other file of this app reads the environment or the command line. */
import { logLevel, port, readEnv, redisUrl } from '@posthouse/runtime';

/** The settings of the sandbox. All are optional. */
export interface SandboxConfig {
  /** End when the first mail has arrived. */
  once: boolean;
  /** An existing Redis to use instead of a private one. */
  redisUrl: string | undefined;
  /** Port of the pages. When undefined: 3080, or any free port if that is in use. 0 lets the system choose. */
  webPort: number | undefined;
  /** Port of the API. When undefined: 3000, or any free port if that is in use. 0 lets the system choose. */
  apiPort: number | undefined;
  /** Port of the dashboard. When undefined: 3001, or any free port if that is in use. 0 lets the system choose. */
  dashboardPort: number | undefined;
  /** Log level of the API, the worker and the dashboard. `debug` and `trace` show every log line, other levels only warnings and errors. */
  logLevel: string;
}

/** @throws ConfigError with every issue */
export function readConfig(env: NodeJS.ProcessEnv = process.env, args: readonly string[] = process.argv.slice(2)): Readonly<SandboxConfig> {
  return readEnv(env, (read) => {
    for (const unknown of args.filter((arg) => arg !== '--once')) read.addIssue(`${unknown} is not an option; the only option is --once`);
    return {
      once: args.includes('--once'),
      redisUrl: read.optional('REDIS_URL', redisUrl),
      webPort: read.optional('SANDBOX_PORT', port),
      apiPort: read.optional('API_PORT', port),
      dashboardPort: read.optional('DASHBOARD_PORT', port),
      logLevel: read.withDefault('LOG_LEVEL', logLevel, 'info'),
    };
  });
}
