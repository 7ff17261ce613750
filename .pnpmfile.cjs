/**
 * The XSS scan of the JSX pages is built on TypeScript 5's compiler API, which TypeScript 7 no longer has, and
 * pnpm would hand it ours as its peer. So the scan gets a TypeScript of its own.
 */
module.exports = {
  hooks: {
    readPackage(manifest) {
      if (manifest.name === '@kitajs/ts-html-plugin') {
        delete manifest.peerDependencies.typescript;
        manifest.dependencies.typescript = '5.9.3';
      }
      return manifest;
    },
  },
};
