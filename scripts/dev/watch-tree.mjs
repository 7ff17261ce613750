import { existsSync, readdirSync, watch } from 'node:fs';
import { join } from 'node:path';

/**
 * Calls back on each change in a folder and the folders in it. Node's own recursive watch loses a file that is replaced, as editors and
 * git do it, so each folder has a watch of its own.
 *
 * @param {string} root
 * @param {() => void} onChange called several times for one change
 * @returns {{ close(): void }}
 */
export function watchTree(root, onChange) {
  /** @type {Map<string, import('node:fs').FSWatcher>} */
  const watchers = new Map();
  const changed = () => {
    follow();
    onChange();
  };
  /** Folders come and go. */
  const follow = () => {
    for (const [folder, watcher] of watchers) {
      if (existsSync(folder)) continue;
      watcher.close();
      watchers.delete(folder);
    }
    for (const folder of foldersIn(root)) {
      if (!watchers.has(folder))
        watchers.set(
          folder,
          watch(folder, changed).on('error', () => undefined),
        );
    }
  };
  follow();
  return {
    close: () => {
      for (const watcher of watchers.values()) watcher.close();
    },
  };
}

/**
 * @param {string} folder
 * @returns {string[]} it and those in it
 */
function foldersIn(folder) {
  const inside = readdirSync(folder, { withFileTypes: true }).filter((entry) => entry.isDirectory());
  return [folder, ...inside.flatMap(({ name }) => foldersIn(join(folder, name)))];
}
