/** `npm run api`, `npm run worker`, `npm run keys`: sets up what is missing, then goes on as that app, configured by the environment. */
import './setup/node-version.mjs';
import { become } from './setup/become.mjs';
import { setUp } from './setup/setup.mjs';

const [app, ...args] = process.argv.slice(2);

await setUp(['install', 'build']);
await become(`apps/${app}/dist/main.js`, args);
