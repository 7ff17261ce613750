/**
 * A browser for the tests that look at a page. A missing one fails them; none is skipped.
 *
 * Tried in this order: the one that CHROMIUM_PATH names, the system's Chromium or Chrome, and the Chromium that
 * @sparticuz/chromium brings for 64-bit Linux on x86. The last needs nothing of the system: it is unpacked once, with the
 * libraries and a Latin font that a bare machine lacks. Korean text is there to be tested all the same, but a picture
 * of it needs a Korean font on the system (Debian: fonts-noto-cjk).
 */
import { execFile } from 'node:child_process';
import { access, mkdir, mkdtemp, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { delimiter, join } from 'node:path';
import { promisify } from 'node:util';
import { type Browser, type BrowserContext, type BrowserContextOptions, chromium, type LaunchOptions, type Page } from 'playwright-core';

export type { Browser, BrowserContext, BrowserContextOptions, Page };

/**
 * Launches a headless browser.
 * @param env the test's own environment: CHROMIUM_PATH, PATH and what the browser inherits
 * @throws with how to mend it when there is none, or when it does not start
 */
export async function launchBrowser(env: NodeJS.ProcessEnv): Promise<Browser> {
  const options = named(env) ?? (await onSystem(env)) ?? (await packaged(env));
  return chromium.launch(options).catch((cause) => {
    throw new Error(`${options.executablePath} does not start. Set CHROMIUM_PATH to a Chromium or Chrome that does.`, { cause });
  });
}

function named(env: NodeJS.ProcessEnv): LaunchOptions | undefined {
  const executablePath = env['CHROMIUM_PATH'];
  return executablePath ? { executablePath } : undefined;
}

async function onSystem(env: NodeJS.ProcessEnv): Promise<LaunchOptions | undefined> {
  const folders = (env['PATH'] ?? '').split(delimiter);
  const programs = ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable'];
  const macs = ['Google Chrome', 'Chromium'].map((app) => `/Applications/${app}.app/Contents/MacOS/${app}`);
  for (const executablePath of [...programs.flatMap((program) => folders.map((folder) => join(folder, program))), ...macs]) {
    if (await exists(executablePath)) return { executablePath };
  }
  return undefined;
}

async function packaged(env: NodeJS.ProcessEnv): Promise<LaunchOptions> {
  if (process.platform !== 'linux' || process.arch !== 'x64') {
    throw new Error('There is no browser for this test. Install Chromium or Chrome, or set CHROMIUM_PATH to one.');
  }
  const folder = await unpack(env);
  return {
    executablePath: join(folder, 'chromium'),
    env: { ...env, LD_LIBRARY_PATH: join(folder, 'al2023', 'lib'), FONTCONFIG_FILE: join(folder, 'fonts.conf') },
  };
}

/** The package unpacks only into the temporary folder, and half a file is good enough for it; so it gets one to itself, moved when complete. */
async function unpack(env: NodeJS.ProcessEnv): Promise<string> {
  const cache = join(import.meta.dirname, '..', 'node_modules', '.cache');
  const manifest = JSON.parse(await readFile(new URL('../package.json', import.meta.url), 'utf8'));
  const folder = join(cache, `chromium-${manifest.dependencies['@sparticuz/chromium']}`);
  if (await exists(folder)) return folder;
  await mkdir(cache, { recursive: true });
  const partial = await mkdtemp(`${folder}-`);
  // By this variable it takes the libraries along, as it does on AWS Lambda.
  const asOnLambda = { ...env, TMPDIR: partial, AWS_EXECUTION_ENV: 'AWS_Lambda_nodejs20.x' };
  const unpacking = "(await import('@sparticuz/chromium')).default.executablePath()";
  await promisify(execFile)(process.execPath, ['--input-type=module', '--eval', `await ${unpacking}`], {
    cwd: import.meta.dirname,
    env: asOnLambda,
  });
  await writeFile(join(partial, 'fonts.conf'), fontsConf(join(folder, 'fonts')));
  try {
    await rename(partial, folder);
  } catch (error) {
    await rm(partial, { recursive: true });
    if (!(await exists(folder))) throw error; // Otherwise another test was faster.
  }
  return folder;
}

/** The system's fonts, if it has any, and the package's own: without one, no text has a size. */
function fontsConf(fonts: string): string {
  return `<?xml version="1.0"?>
<!DOCTYPE fontconfig SYSTEM "urn:fontconfig:fonts.dtd">
<fontconfig>
  <include ignore_missing="yes">/etc/fonts/fonts.conf</include>
  <dir>${fonts}</dir>
</fontconfig>
`;
}

function exists(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  );
}
