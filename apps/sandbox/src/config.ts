/** The sandbox's configuration: the one file of this app that reads the environment and the command line. */
import { choice, port, readEnv, redisUrl } from '@posthouse/runtime';

/** What the sandbox may be told. Without a word it runs, on its usual ports. */
export interface SandboxConfig {
  /** End by itself once the first mail has arrived. */
  once: boolean;
  /** Somebody's Redis, instead of a private one. */
  redisUrl: string | undefined;
  /** Where the pages are. When undefined: 3080, or a free port when that is taken. 0 lets the system choose. */
  webPort: number | undefined;
  /** Where the API is. When undefined: 3000, or a free port when that is taken. 0 lets the system choose. */
  apiPort: number | undefined;
  /** Where the dashboard is. When undefined: 3001, or a free port when that is taken. 0 lets the system choose. */
  dashboardPort: number | undefined;
  /** Of the API and the worker. With `debug` or `trace` every line of their logs is shown, otherwise only what went wrong. */
  logLevel: string;
}

/** @throws ConfigError naming every fault */
export function readConfig(env: NodeJS.ProcessEnv = process.env, args: readonly string[] = process.argv.slice(2)): Readonly<SandboxConfig> {
  return readEnv(env, (read) => {
    for (const unknown of args.filter((arg) => arg !== '--once')) read.issue(`${unknown} is not known here; the one option is --once`);
    return {
      once: args.includes('--once'),
      redisUrl: read.optional('REDIS_URL', redisUrl),
      webPort: read.optional('SANDBOX_PORT', port),
      apiPort: read.optional('API_PORT', port),
      dashboardPort: read.optional('DASHBOARD_PORT', port),
      logLevel: read.withDefault('LOG_LEVEL', choice('trace', 'debug', 'info', 'warn', 'error', 'silent'), 'info'),
    };
  });
}
