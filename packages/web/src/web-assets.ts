/**
 * Scripts, styles and images under `/assets/`: those of this package, those of the app, and files of npm packages. Nothing is
 * copied, built or loaded from another server. Each file has an ETag, and the browser revalidates it.
 */
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import files from '@fastify/static';
import type { FastifyPluginAsync } from 'fastify';

/** What an app serves beside the files of this package. */
export interface AssetOptions {
  /** The app's own folder of assets. A file in it hides one of this package with the same name. */
  folder: URL;
  /** Files of npm packages: the path of each by the name under `/assets/`. */
  packaged?: Readonly<Record<string, string>>;
}

/** @returns the routes for `GET /assets/*`, as a plugin */
export function assetRoutes({ folder, packaged = {} }: AssetOptions): FastifyPluginAsync {
  const shared = new URL('../assets', import.meta.url);
  return async (app) => {
    await app.register(files, { root: [folder, shared].map((url) => fileURLToPath(url)), prefix: '/assets/', index: false });
    for (const [name, file] of Object.entries(packaged)) {
      const root = dirname(file);
      app.get(`/assets/${name}`, (_request, reply) => reply.sendFile(file.slice(root.length + 1), root));
    }
  };
}
