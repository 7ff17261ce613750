/**
 * Scripts, styles and pictures: our own, and those of htmx and uPlot out of their packages. Nothing is copied or built, and
 * nothing comes from anybody else. Each has an ETag, and a browser asks whether it is still the same.
 */
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import files from '@fastify/static';
import type { FastifyPluginAsync } from 'fastify';

/** By the name that pages ask for. */
const packaged = {
  'htmx.js': 'htmx.org/dist/htmx.min.js',
  'htmx-sse.js': 'htmx.org/dist/ext/hx-sse.min.js',
  'uplot.js': 'uplot/dist/uPlot.iife.min.js',
  'uplot.css': 'uplot/dist/uPlot.min.css',
};

/** The routes; nobody needs to sign in for them. */
export function assetRoutes(): FastifyPluginAsync {
  return async (app) => {
    app.addHook('onRoute', (route) => {
      route.config = { ...route.config, role: 'anyone' };
    });
    await app.register(files, { root: fileURLToPath(new URL('../assets', import.meta.url)), prefix: '/assets/', index: false });
    for (const [name, specifier] of Object.entries(packaged)) {
      const file = fileURLToPath(import.meta.resolve(specifier));
      const folder = dirname(file);
      app.get(`/assets/${name}`, (_request, reply) => reply.sendFile(file.slice(folder.length + 1), folder));
    }
  };
}
