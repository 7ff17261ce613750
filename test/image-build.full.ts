/**
 * Runs the first stage of the Dockerfile, step by step, on exactly the files that .dockerignore lets through, and starts what it makes. Only
 * `npm run test:faults` does, because it takes as long as it takes to compile everything.
 */
import { execFile } from 'node:child_process';
import { cp, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { contextFilter, filesIn, instructions, root, text } from './image-context.ts';

const run = promisify(execFile);
let dir: string;
beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'posthouse-image-'));
});
afterAll(() => rm(dir, { recursive: true }));

/** The pnpm that package.json pins, on PATH; the image installs it globally. */
async function pnpmOnPath(): Promise<string> {
  const bin = join(dir, 'bin');
  await mkdir(bin);
  await writeFile(join(bin, 'pnpm'), `#!/bin/sh\nexec npx --yes ${JSON.parse(text('package.json')).packageManager} "$@"\n`, {
    mode: 0o755,
  });
  return `${bin}${delimiter}${process.env['PATH']}`;
}

it('the steps of the first stage succeed, and each app of the image starts with what is needed at run time alone', {
  timeout: 600_000,
}, async () => {
  const context = filesIn('').filter(contextFilter());
  const cwd = join(dir, 'posthouse');
  const env = { PATH: await pnpmOnPath(), HOME: process.env['HOME'], CI: 'true' };
  await mkdir(cwd);
  const [, ...steps] = instructions();
  for (const { name, args } of steps.slice(
    0,
    steps.findIndex((step) => step.name === 'FROM'),
  )) {
    if (name === 'COPY') {
      const sources = args.slice(0, -1);
      const copied = context.filter((path) => sources.includes('.') || sources.includes(path));
      for (const path of copied) {
        await mkdir(dirname(join(cwd, path)), { recursive: true });
        await cp(join(root, path), join(cwd, path));
      }
    } else if (name === 'RUN') {
      const commands = args.join(' ').split(' && ');
      await run('sh', ['-c', commands.filter((command) => !command.startsWith('npm install --global')).join(' && ')], { cwd, env });
    } else expect(name).toBe('WORKDIR');
  }
  for (const app of ['api', 'submission', 'worker', 'dashboard']) {
    const started = await run(process.execPath, [`apps/${app}/dist/main.js`], { cwd, env: { NODE_ENV: 'production' } }).catch(
      (error) => error,
    );
    // Everything is loaded, and the configuration is what is missing.
    expect([app, started.code, started.stderr]).toEqual([app, 1, expect.stringMatching(/POSTHOUSE_SECRET/)]);
  }
  const { stdout } = await run(process.execPath, ['apps/cli/dist/main.js', '--help'], { cwd, env: { NODE_ENV: 'production' } });
  expect(stdout).toContain('keys');
});
