/** Loaded into a process before its program: no name and no address can be looked up until the process gets SIGUSR2. */
import { promises } from 'node:dns';
import { syncBuiltinESMExports } from 'node:module';

const { lookup } = promises;

promises.lookup = /** @type {any} */ (
  async (/** @type {string} */ host) => {
    throw Object.assign(new Error(`getaddrinfo EAI_AGAIN ${host}`), { code: 'EAI_AGAIN' });
  }
);
syncBuiltinESMExports();

process.on('SIGUSR2', () => {
  promises.lookup = lookup;
  syncBuiltinESMExports();
});
