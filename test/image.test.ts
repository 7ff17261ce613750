/** The image: what .dockerignore lets through is all that the Dockerfile's steps read, and no more; compose starts what is in it. */
import { existsSync } from 'node:fs';
import { join, normalize } from 'node:path';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { contextFilter, filesIn, instructions, root, text } from './image-context.ts';

const isSent = contextFilter();
const sent = filesIn('').filter(isSent);
const commandsOf = (name: string) =>
  instructions()
    .filter((instruction) => instruction.name === name)
    .map(({ args }) => args);

/** The projects that a project refers to, and itself; their paths from the root. */
function projectsOf(project: string, found = new Set<string>()): Set<string> {
  if (found.has(project)) return found;
  found.add(project);
  const { references = [] } = JSON.parse(text(join(project, 'tsconfig.json')));
  for (const { path } of references) projectsOf(normalize(join(project, path)), found);
  return found;
}

const run = commandsOf('RUN').map((args) => args.join(' '));
const projects = /tsc -b ([^&]+)/.exec(run.join('\n'))?.[1]?.trim().split(' ') ?? [];

describe('the context of the image', () => {
  it.each([
    '.env',
    'apps/api/.env.local',
    'node_modules/a/b.js',
    'apps/api/node_modules/a',
    'packages/web/dist/web.js',
    '.git/config',
    'docs/a.md',
  ])('leaves out %s', (path) => expect(isSent(path)).toBe(false));

  it('leaves out tests and the apps that are not in the image', () => {
    expect(sent.filter((path) => /\/test\/|\.env|^apps\/(?!api|submission|worker|dashboard|cli)/.test(path))).toEqual([]);
  });

  it('has every file that a step copies by name', () => {
    const copied = commandsOf('COPY').filter(([first]) => !first?.startsWith('--from'));
    const named = copied.flatMap((args) => args.slice(0, -1)).filter((path) => path !== '.');
    expect(named.length).toBeGreaterThan(0);
    expect(named.filter((path) => !sent.includes(path))).toEqual([]);
  });

  it('has all of every project that is compiled, and its manifest', () => {
    expect(projects).toHaveLength(5);
    const compiled = projects.flatMap((project) => [...projectsOf(project)]);
    const needed = filesIn('').filter((path) =>
      compiled.some((project) => ['/src/', '/assets/', '/package.json', '/tsconfig.json'].some((part) => path.startsWith(project + part))),
    );
    expect(needed.filter((path) => !sent.includes(path))).toEqual([]);
    expect(sent).toContain('tsconfig.base.json');
    const installed = [...run.join('\n').matchAll(/--filter @posthouse\/([\w-]+)\.\.\./g)].map(([, name]) => `apps/${name}`);
    expect(installed).toEqual(projects);
  });

  it('has the templates', () => {
    expect(filesIn('templates').filter((path) => !sent.includes(path) && !path.includes('/test/'))).toEqual([]);
  });
});

it('the base images are named by version and digest', () => {
  const bases = commandsOf('FROM').map(([image]) => image);
  expect(bases.filter((image) => !/^node:\d+\.\d+\.\d+-[a-z-]+@sha256:[0-9a-f]{64}$/.test(image ?? ''))).toEqual([]);
  expect(new Set(bases).size).toBe(1);
});

describe('docker-compose.yml', () => {
  interface Service {
    image: string;
    build?: string;
    command?: string[];
    volumes?: string[];
    depends_on?: Record<string, unknown>;
  }
  const { services, volumes }: { services: Record<string, Service>; volumes: object } = parse(text('docker-compose.yml'), { merge: true });

  it('names the images of others by version', () => {
    const images = Object.values(services).flatMap(({ image, build }) => (build === undefined ? [image] : []));
    expect(images.filter((image) => !/:v?\d+\.\d+\.\d+$/.test(image))).toEqual([]);
  });

  it('starts only what is in the image, and refers only to what it has', () => {
    for (const { build, command = [], volumes: mounts = [], depends_on: needs = {} } of Object.values(services)) {
      if (build !== undefined) {
        expect(existsSync(join(root, build, 'Dockerfile'))).toBe(true);
        expect(sent).toContain(command[1]?.replace('/dist/', '/src/').replace(/\.js$/, '.ts'));
      }
      for (const need of Object.keys(needs)) expect(services).toHaveProperty(need);
      for (const mount of mounts) expect(volumes).toHaveProperty(mount.split(':')[0] ?? '');
    }
  });
});
