import { fileURLToPath } from 'node:url';

/** The repository's folder. Commands run there, from whichever folder the script was called. */
export const root = fileURLToPath(new URL('../..', import.meta.url));
