import { fileURLToPath } from 'node:url';

/** The repository's folder: commands run there, wherever they were called from. */
export const root = fileURLToPath(new URL('../..', import.meta.url));
