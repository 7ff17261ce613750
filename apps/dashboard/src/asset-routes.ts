/** The dashboard's scripts, styles and images: its own, those of packages/web, and htmx and uPlot from their npm packages. */
import { fileURLToPath } from 'node:url';
import { assetRoutes } from '@posthouse/web';
import type { FastifyPluginAsync } from 'fastify';

const packaged = {
  'htmx.js': 'htmx.org/dist/htmx.min.js',
  'htmx-sse.js': 'htmx.org/dist/ext/hx-sse.min.js',
  'uplot.js': 'uplot/dist/uPlot.iife.min.js',
  'uplot.css': 'uplot/dist/uPlot.min.css',
};

/** @returns the routes for `/assets/*`, which need no sign-in */
export function dashboardAssets(): FastifyPluginAsync {
  const files = Object.entries(packaged).map(([name, specifier]) => [name, fileURLToPath(import.meta.resolve(specifier))]);
  return async (app) => {
    app.addHook('onRoute', (route) => {
      route.config = { ...route.config, role: 'anyone' };
    });
    await app.register(assetRoutes({ folder: new URL('../assets', import.meta.url), packaged: Object.fromEntries(files) }));
  };
}
