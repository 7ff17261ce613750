/**
 * `npm run openapi`: writes docs/openapi.json from the routes of the API. `npm run check` fails when the file is not up to date.
 */
import './setup/node-version.mjs';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { CommandError } from './setup/command.mjs';
import { root } from './setup/root.mjs';
import { setUp } from './setup/setup.mjs';

const file = join(root, 'docs', 'openapi.json');

/** The document as the built API describes itself. */
async function generate() {
  const { openApiDocument } = await import('../apps/api/dist/api.js');
  return `${JSON.stringify(await openApiDocument(join(root, 'templates')), null, 2)}\n`;
}

/** @throws {CommandError} when docs/openapi.json differs from what the API describes; the API must be built */
export async function checkOpenApi() {
  if ((await generate()) !== readFileSync(file, 'utf8'))
    throw new CommandError('docs/openapi.json differs from the API', 'Run `npm run openapi` and commit the file.\n');
}

if (process.argv[1] === import.meta.filename) {
  await setUp(['install', 'build']);
  writeFileSync(file, await generate());
}
