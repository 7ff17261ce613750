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
  /** Under which path, with a slash at both ends. Its documents need the same. Default: `/assets/`. */
  prefix?: string;
}

/** Where the files are, unless an app needs these paths for its pages. */
export const defaultAssetPrefix = '/assets/';

/** @returns the routes for `GET /assets/*`, as a plugin */
export function assetRoutes({ folder, packaged = {}, prefix = defaultAssetPrefix }: AssetOptions): FastifyPluginAsync {
  const shared = new URL('../assets', import.meta.url);
  return async (app) => {
    await app.register(files, { root: [folder, shared].map((url) => fileURLToPath(url)), prefix, index: false });
    for (const [name, file] of Object.entries(packaged)) {
      const root = dirname(file);
      app.get(`${prefix}${name}`, (_request, reply) => reply.sendFile(file.slice(root.length + 1), root));
    }
  };
}
