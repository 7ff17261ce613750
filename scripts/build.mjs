/** `npm run build`: sets up what is missing and compiles every package. */
import './setup/node-version.mjs';
import { setUp } from './setup/setup.mjs';

await setUp(['install', 'build']);
