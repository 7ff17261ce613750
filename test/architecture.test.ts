/**
 * The architecture, held by a test: the floor table, and the few rules that keep its walls standing.
 * Each rule returns what breaks it, as `file:line what is wrong, and what to do`; a sound tree returns nothing.
 */
import { describe, expect, it } from 'vitest';
import { lineOf, type Room, readReferences, readRooms, readSources, type Source } from './workspace.ts';

/** A room imports only from floors below its own; rooms on one floor never import each other. */
const floors = [
  ['contract'],
  ['runtime', 'access', 'devkit'],
  ['queue', 'templates', 'delivery', 'mailview', 'web', 'client'],
  ['api', 'worker', 'dashboard', 'cli'],
  ['sandbox', 'bench'],
];

/** devkit starts servers for tests, and for the floor that is no part of production. */
const devkitFloor = 4;

/** Folders inside a package's `src`, lowest first: a file imports only from its own folder and from those before it. */
const folderOrder: Record<string, string[]> = {
  queue: ['redis', 'record', 'transitions', 'connection', 'acceptance', 'search', 'worker', 'operations'],
};

/** Libraries that one room wraps for all others. `testers` use them to look at what that room did. */
const owners: Record<string, { room: string; testers?: string[] }> = {
  bullmq: { room: 'queue' },
  ioredis: { room: 'queue' },
  mjml: { room: 'templates' },
  handlebars: { room: 'templates' },
  nodemailer: { room: 'delivery', testers: ['devkit'] },
};

const longest = 300;
const vague = /^(utils?|commons?|helpers?|libs?|types?|misc|index)$/;

const rooms = readRooms();
const everySource = [...rooms.flatMap(({ src, test }) => [...src, ...test]), ...readSources('test'), ...readSources('scripts')];

describe('the floors', () => {
  it('has every package on a floor', () => {
    expect(rooms.filter(({ name }) => floorOf(name) === -1).map(({ folder }) => `${folder}: add it to the floor table`)).toEqual([]);
  });

  it('lets a package depend only on packages below it', () => {
    expect(rooms.flatMap(dependenciesGoingUp)).toEqual([]);
  });

  it('lets a file import only from packages below its own', () => {
    expect(rooms.flatMap(importsGoingUp)).toEqual([]);
  });

  it('lets a file import only from folders below its own, in a package whose folders have an order', () => {
    expect(rooms.flatMap(importsUpInside)).toEqual([]);
  });

  it('builds a package after those that it depends on', () => {
    expect([...rooms.flatMap(referencesAmiss), ...roomsNotBuilt()]).toEqual([]);
  });
});

describe('the walls of a package', () => {
  it('names each export', () => {
    expect(rooms.flatMap(exportsUnnamed)).toEqual([]);
  });

  it('are entered through the exports map alone', () => {
    expect(rooms.flatMap(importsOfInsides)).toEqual([]);
  });

  it('keep its library inside', () => {
    expect(rooms.flatMap(foreignLibraries)).toEqual([]);
  });

  it('hold no import cycle', () => {
    expect(rooms.flatMap(({ src }) => cycles(src))).toEqual([]);
  });
});

describe('a process', () => {
  it('reads its environment in config.ts', () => {
    const allowed = /^apps\/[^/]+\/src\/config\.ts$/;
    expect(occurrences(/\bprocess\s*(?:\.\s*env\b|\[\s*['"]env)|\bloadEnvFile\b/g, allowed, "read it in the app's config.ts")).toEqual([]);
  });

  it('handles signals and exits in main.ts', () => {
    const allowed = /^apps\/[^/]+\/src\/main\.ts$/;
    const signals = /\bprocess\s*\.\s*(?:exit\b|abort\b|(?:on|once|addListener|prependListener)\s*\(\s*['"]SIG)/g;
    expect(occurrences(signals, allowed, "leave it to the app's main.ts; throw, or be a Service")).toEqual([]);
  });
});

describe('a file', () => {
  it('is named after what it is about', () => {
    const named = everySource.filter(({ path }) => path.split('/').some((part) => vague.test(part.replace(/\..*/, ''))));
    expect(named.map(({ path }) => `${path}: name it after a noun`)).toEqual([]);
  });

  it(`has at most ${longest} lines`, () => {
    const long = everySource.filter(({ lines }) => lines > longest);
    expect(long.map(({ path }) => `${path}: split it by noun`)).toEqual([]);
  });
});

function floorOf(room: string): number {
  return floors.findIndex((floor) => floor.includes(room));
}

/** @returns why `room` may not use `used`, or undefined when it may */
function forbidden(room: string, used: string, inTests: boolean): string | undefined {
  if (used === 'devkit' && (inTests || floorOf(room) === devkitFloor)) return undefined;
  if (used === 'devkit') return 'devkit is for tests: make it a devDependency';
  if (floorOf(used) < floorOf(room)) return undefined;
  const where = floorOf(used) === floorOf(room) ? 'beside' : 'above';
  return `${used} stands ${where} ${room}: move what both need down, or hand it in as a port`;
}

function dependenciesGoingUp({ name, folder, manifest }: Room): string[] {
  const going = (dependencies: Record<string, string> = {}, inTests: boolean) =>
    ourPackages(Object.keys(dependencies)).flatMap((used) => {
      const why = forbidden(name, used, inTests);
      return why === undefined ? [] : [`${folder}/package.json ${why}`];
    });
  return [...going(manifest.dependencies, false), ...going(manifest.devDependencies, true)];
}

function importsGoingUp({ name, src, test }: Room): string[] {
  const going = (sources: Source[], inTests: boolean) =>
    sources.flatMap(({ path, imports }) =>
      imports.flatMap(({ specifier, line }) => {
        const [used] = ourPackages([specifier]);
        const why = used === undefined ? undefined : forbidden(name, used, inTests);
        return why === undefined ? [] : [`${path}:${line} ${why}`];
      }),
    );
  return [...going(src, false), ...going(test, true)];
}

function importsUpInside({ name, folder, src }: Room): string[] {
  const order = folderOrder[name];
  if (order === undefined) return [];
  // What stands in no folder is the package's entry.
  const rank = (path: string) => (path.split('/').length === 4 ? order.length : order.indexOf(path.split('/')[3] as string));
  return src.flatMap(({ path, imports }) => [
    ...(rank(path) === -1 ? [`${path} add its folder to the order of folders in ${folder}`] : []),
    ...imports
      .filter(({ target }) => target !== undefined && rank(target) > rank(path))
      .map(({ line, target }) => `${path}:${line} imports ${target} from a folder above: move what both need down`),
  ]);
}

function referencesAmiss({ folder, manifest, references }: Room): string[] {
  const needed = ourPackages(Object.keys(manifest.dependencies ?? {})).map((used) => folderOf(used));
  return [
    ...needed.filter((used) => !references.includes(used)).map((used) => `${folder}/tsconfig.json add a reference to ${used}`),
    ...references.filter((used) => !needed.includes(used)).map((used) => `${folder}/tsconfig.json drop the reference to ${used}`),
  ];
}

function roomsNotBuilt(): string[] {
  const built = readReferences('.');
  return rooms.filter(({ folder }) => !built.includes(folder)).map(({ folder }) => `tsconfig.json add a reference to ${folder}`);
}

function exportsUnnamed({ folder, manifest, src }: Room): string[] {
  const entries = Object.keys(manifest.exports ?? { '*': '' });
  return [
    ...entries.filter((entry) => entry.includes('*')).map(() => `${folder}/package.json needs an exports map that names each entry`),
    ...matches(src, /^\s*export\s*\*/gm).map((place) => `${place} name what is exported`),
  ];
}

function importsOfInsides({ folder, src, test }: Room): string[] {
  return [...src, ...test].flatMap(({ path, imports }) =>
    imports.flatMap(({ specifier, line, target }) => {
      if (target !== undefined && !target.startsWith(`${folder}/`))
        return [`${path}:${line} import @posthouse/… instead of a path out of the package`];
      const [used] = ourPackages([specifier]);
      const entry = specifier.replace(`@posthouse/${used}`, '.');
      const offered = rooms.find(({ name }) => name === used)?.manifest.exports ?? {};
      return used === undefined || entry in offered ? [] : [`${path}:${line} ${specifier} is not in the exports map of @posthouse/${used}`];
    }),
  );
}

function foreignLibraries({ name, folder, manifest, src }: Room): string[] {
  const { dependencies = {}, devDependencies = {} } = manifest;
  return Object.entries(owners).flatMap(([library, { room, testers = [] }]) => {
    const declared = library in dependencies || (library in devDependencies && !testers.includes(name));
    const imported = src.flatMap(({ path, imports }) =>
      imports.filter(({ specifier }) => packageOf(specifier) === library).map(({ line }) => `${path}:${line}`),
    );
    const places = declared ? [`${folder}/package.json`, ...imported] : imported;
    return name === room ? [] : places.map((place) => `${place} only ${room} knows ${library}: ask it`);
  });
}

/** Every import cycle, type imports included, once. */
function cycles(sources: Source[]): string[] {
  const graph = new Map(sources.map(({ path, imports }) => [path, imports.flatMap(({ target }) => target ?? [])]));
  const found = new Map<string, string>();
  const done = new Set<string>();
  const walk = (path: string, trail: string[]) => {
    if (trail.includes(path)) {
      const cycle = trail.slice(trail.indexOf(path));
      found.set([...cycle].sort().join(), `${[...cycle, path].join(' → ')}: move what they share into a third file`);
    } else if (!done.has(path)) {
      for (const next of graph.get(path) ?? []) walk(next, [...trail, path]);
      done.add(path);
    }
  };
  for (const path of graph.keys()) walk(path, []);
  return [...found.values()];
}

function occurrences(pattern: RegExp, allowed: RegExp, advice: string): string[] {
  const sources = rooms.flatMap(({ src }) => src).filter(({ path }) => !allowed.test(path));
  return matches(sources, pattern).map((place) => `${place} ${advice}`);
}

function matches(sources: Source[], pattern: RegExp): string[] {
  return sources.flatMap(({ path, code }) => [...code.matchAll(pattern)].map(({ index }) => `${path}:${lineOf(code, index)}`));
}

/** Of these specifiers, the workspace's own packages. */
function ourPackages(specifiers: string[]): string[] {
  return specifiers.flatMap((specifier) => /^@posthouse\/([^/]+)/.exec(specifier)?.[1] ?? []);
}

function packageOf(specifier: string): string | undefined {
  return /^(?:@[^/]+\/)?[^/]+/.exec(specifier)?.[0];
}

function folderOf(room: string): string {
  return rooms.find(({ name }) => name === room)?.folder ?? room;
}
