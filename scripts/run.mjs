/** `npm run api`, `npm run worker`, `npm run keys` and so on: sets up what is missing, then runs that app, configured by the environment. */
import './setup/node-version.mjs';
import { runMain } from './setup/run-main.mjs';
import { setUp } from './setup/setup.mjs';

const [app, ...args] = process.argv.slice(2);

await setUp(['install', 'build']);
await runMain(`apps/${app}/dist/main.js`, args);
