/**
 * The layers and package boundaries of ARCHITECTURE.md.
 * Each rule returns its violations as `file:line what is wrong, and how to fix it`.
 */
import { describe, expect, it } from 'vitest';
import { lineAt, type Package, readPackages, readReferences, type Source } from './workspace.ts';

/** From bottom to top. A package imports only from layers below its own, never from its own layer. */
const layers = [
  ['contract'],
  ['runtime', 'access', 'message', 'devkit'],
  ['queue', 'templates', 'delivery', 'mailview', 'web', 'client'],
  ['api', 'submission', 'worker', 'dashboard', 'cli'],
  ['sandbox', 'bench'],
];

/** Where devkit, which starts servers for tests, is a regular dependency: they are no part of production. */
const devkitUsers = ['sandbox', 'bench'];

/**
 * Libraries that one package wraps for all others. The tests of `testers` use them to inspect its output, and bench measures what a
 * mail costs with the library alone.
 */
const wrapped: Record<string, { by: string; testers?: string[] }> = {
  bullmq: { by: 'queue' },
  ioredis: { by: 'queue' },
  mjml: { by: 'templates' },
  handlebars: { by: 'templates' },
  nodemailer: { by: 'delivery', testers: ['devkit', 'api', 'sandbox', 'submission'] },
};

const packages = readPackages();

describe('layers', () => {
  it('contain every package', () => {
    expect(packages.filter(({ name }) => layerOf(name) === -1).map(({ folder }) => `${folder}: add it to a layer`)).toEqual([]);
  });

  it('contain only packages that exist', () => {
    const names = packages.map(({ name }) => name);
    expect(layers.flat().filter((name) => !names.includes(name))).toEqual([]);
  });

  it('are respected by the dependencies of package.json', () => {
    expect(packages.flatMap(upwardDependencies)).toEqual([]);
  });

  it('are respected by imports', () => {
    expect(packages.flatMap(upwardImports)).toEqual([]);
  });

  it('decide the build order', () => {
    expect([...packages.flatMap(wrongReferences), ...packagesNotBuilt()]).toEqual([]);
  });
});

describe('a package', () => {
  it('names each export', () => {
    expect(packages.flatMap(unnamedExports)).toEqual([]);
  });

  it('is imported through its exports map', () => {
    expect(packages.flatMap(importsPastExports)).toEqual([]);
  });

  it('is the only one that imports the library it wraps', () => {
    expect(packages.flatMap(wrappedLibraryImports)).toEqual([]);
  });

  it('has no import cycle', () => {
    expect(packages.flatMap(({ src }) => cycles(src))).toEqual([]);
  });
});

describe('a process', () => {
  it('reads its environment in config.ts', () => {
    // The published client has no app around it.
    const allowed = /^apps\/[^/]+\/src\/config\.ts$|^packages\/client\/src\/client\.ts$/;
    expect(occurrences(/\bprocess\s*(?:\.\s*env\b|\[\s*['"]env)|\bloadEnvFile\b/g, allowed, "read it in the app's config.ts")).toEqual([]);
  });

  it('handles signals and exits in main.ts', () => {
    const allowed = /^apps\/[^/]+\/src\/main\.ts$/;
    const signals = /\bprocess\s*\.\s*(?:exit\b|abort\b|(?:on|once|addListener|prependListener)\s*\(\s*['"]SIG)/g;
    expect(occurrences(signals, allowed, "move it to the app's main.ts; throw an error, or implement Service")).toEqual([]);
  });
});

function layerOf(name: string): number {
  return layers.findIndex((layer) => layer.includes(name));
}

/** @returns why `name` may not use `used`, or undefined when it may */
function reasonAgainst(name: string, used: string, inTests: boolean): string | undefined {
  if (used === 'devkit') return inTests || devkitUsers.includes(name) ? undefined : 'devkit is for tests: make it a devDependency';
  if (layerOf(used) < layerOf(name)) return undefined;
  const where = layerOf(used) === layerOf(name) ? 'in the same layer as' : 'above';
  return `${used} is ${where} ${name}: move what both need to a lower layer, or pass it in as a port`;
}

function upwardDependencies({ name, folder, manifest }: Package): string[] {
  const violations = (dependencies: Record<string, string> = {}, inTests: boolean) =>
    ourPackages(Object.keys(dependencies)).flatMap((used) => {
      const reason = reasonAgainst(name, used, inTests);
      return reason === undefined ? [] : [`${folder}/package.json ${reason}`];
    });
  return [...violations(manifest.dependencies, false), ...violations(manifest.devDependencies, true)];
}

function upwardImports({ name, src, test }: Package): string[] {
  const violations = (sources: Source[], inTests: boolean) =>
    sources.flatMap(({ path, imports }) =>
      imports.flatMap(({ specifier, line }) => {
        const [used] = ourPackages([specifier]);
        const reason = used === undefined ? undefined : reasonAgainst(name, used, inTests);
        return reason === undefined ? [] : [`${path}:${line} ${reason}`];
      }),
    );
  return [...violations(src, false), ...violations(test, true)];
}

function wrongReferences({ folder, manifest, references }: Package): string[] {
  const needed = ourPackages(Object.keys(manifest.dependencies ?? {})).map((used) => folderOf(used));
  return [
    ...needed.filter((used) => !references.includes(used)).map((used) => `${folder}/tsconfig.json add a reference to ${used}`),
    ...references.filter((used) => !needed.includes(used)).map((used) => `${folder}/tsconfig.json remove the reference to ${used}`),
  ];
}

function packagesNotBuilt(): string[] {
  const built = readReferences('.');
  return packages.filter(({ folder }) => !built.includes(folder)).map(({ folder }) => `tsconfig.json add a reference to ${folder}`);
}

function unnamedExports({ folder, manifest, src }: Package): string[] {
  const entries = Object.keys(manifest.exports ?? { '*': '' });
  return [
    ...entries.filter((entry) => entry.includes('*')).map(() => `${folder}/package.json needs an exports map that names each entry`),
    ...locations(src, /^\s*export\s*\*/gm).map((location) => `${location} name each export`),
  ];
}

function importsPastExports({ folder, src, test }: Package): string[] {
  return [...src, ...test].flatMap(({ path, imports }) =>
    imports.flatMap(({ specifier, line, target }) => {
      if (target !== undefined && !target.startsWith(`${folder}/`))
        return [`${path}:${line} import @posthouse/… instead of a path out of the package`];
      const [used] = ourPackages([specifier]);
      const entry = specifier.replace(`@posthouse/${used}`, '.');
      const exported = packages.find(({ name }) => name === used)?.manifest.exports ?? {};
      return used === undefined || entry in exported
        ? []
        : [`${path}:${line} ${specifier} is not in the exports map of @posthouse/${used}`];
    }),
  );
}

function wrappedLibraryImports({ name, folder, manifest, src }: Package): string[] {
  const { dependencies = {}, devDependencies = {} } = manifest;
  return Object.entries(wrapped).flatMap(([library, { by, testers = [] }]) => {
    const declared = library in dependencies || (library in devDependencies && !testers.includes(name));
    const imported = src.flatMap(({ path, imports }) =>
      imports.filter(({ specifier }) => packageOf(specifier) === library).map(({ line }) => `${path}:${line}`),
    );
    const uses = declared ? [`${folder}/package.json`, ...imported] : imported;
    return name === by || name === 'bench' ? [] : uses.map((location) => `${location} ${library} is wrapped by ${by}: use that package`);
  });
}

/** Every import cycle, type imports included, once. */
function cycles(sources: Source[]): string[] {
  const graph = new Map(sources.map(({ path, imports }) => [path, imports.flatMap(({ target }) => target ?? [])]));
  const found = new Map<string, string>();
  const done = new Set<string>();
  const visit = (path: string, trail: string[]) => {
    if (trail.includes(path)) {
      const cycle = trail.slice(trail.indexOf(path));
      found.set([...cycle].sort().join(), `${[...cycle, path].join(' → ')}: move what they share into a third file`);
    } else if (!done.has(path)) {
      for (const next of graph.get(path) ?? []) visit(next, [...trail, path]);
      done.add(path);
    }
  };
  for (const path of graph.keys()) visit(path, []);
  return [...found.values()];
}

function occurrences(pattern: RegExp, allowed: RegExp, advice: string): string[] {
  const sources = packages.flatMap(({ src }) => src).filter(({ path }) => !allowed.test(path));
  return locations(sources, pattern).map((location) => `${location} ${advice}`);
}

/** `file:line` of every match. */
function locations(sources: Source[], pattern: RegExp): string[] {
  return sources.flatMap(({ path, code }) => [...code.matchAll(pattern)].map(({ index }) => `${path}:${lineAt(code, index)}`));
}

/** The workspace's own packages among these specifiers. */
function ourPackages(specifiers: string[]): string[] {
  return specifiers.flatMap((specifier) => /^@posthouse\/([^/]+)/.exec(specifier)?.[1] ?? []);
}

function packageOf(specifier: string): string | undefined {
  return /^(?:@[^/]+\/)?[^/]+/.exec(specifier)?.[0];
}

function folderOf(used: string): string {
  return packages.find(({ name }) => name === used)?.folder ?? used;
}
