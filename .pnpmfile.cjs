/**
 * The XSS scan of the JSX pages and the generator of TypeScript clients are built on TypeScript 5's compiler API, which TypeScript 7 no
 * longer has, and pnpm would hand them ours as their peer. So they get a TypeScript of their own.
 *
 * The generator brings supports-color, which debug would then load wherever it is found, also where ioredis runs in production.
 */
const needTypeScript5 = ['@kitajs/ts-html-plugin', 'openapi-typescript'];

module.exports = {
  hooks: {
    readPackage(manifest) {
      if (needTypeScript5.includes(manifest.name)) {
        delete manifest.peerDependencies.typescript;
        manifest.dependencies.typescript = '5.9.3';
      }
      if (manifest.name === 'debug') {
        delete manifest.peerDependencies;
        delete manifest.peerDependenciesMeta;
      }
      return manifest;
    },
  },
};
