/**
 * The browser for tests of pages. Without one these tests fail; none is skipped.
 *
 * Candidates in this order: CHROMIUM_PATH, the system's Chromium or Chrome, and the Chromium of @sparticuz/chromium for 64-bit Linux on
 * x86. The latter needs nothing else: it is unpacked once, with the libraries and a Latin font that a minimal system lacks.
 * Screenshots of Korean text need a Korean font on the system (Debian: fonts-noto-cjk).
 */
import { execFile } from 'node:child_process';
import { access, mkdir, mkdtemp, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { delimiter, join } from 'node:path';
import { promisify } from 'node:util';
import {
  type Browser,
  type BrowserContext,
  type BrowserContextOptions,
  chromium,
  type LaunchOptions,
  type Locator,
  type Page,
  type Request,
} from 'playwright-core';

export type { Browser, BrowserContext, BrowserContextOptions, Locator, Page, Request };

/** Pages get this locale, whatever the locale of the machine is: with LANG=C, Chromium reports the invalid tag en-US@posix. */
const locale = { LANG: 'en_US.UTF-8', LC_ALL: 'en_US.UTF-8', LANGUAGE: 'en_US' };

/**
 * Launches a headless browser.
 * @param env the environment of the test: CHROMIUM_PATH, PATH and what the browser inherits
 * @throws Error with instructions when there is no browser, or when it does not start
 */
export async function launchBrowser(env: NodeJS.ProcessEnv): Promise<Browser> {
  const options = configured(env) ?? (await installed(env)) ?? (await packaged(env));
  return chromium.launch({ ...options, env: { ...env, ...options.env, ...locale } }).catch((cause) => {
    throw new Error(`${options.executablePath} does not start. Set CHROMIUM_PATH to a Chromium or Chrome that does.`, { cause });
  });
}

function configured(env: NodeJS.ProcessEnv): LaunchOptions | undefined {
  const executablePath = env['CHROMIUM_PATH'];
  return executablePath ? { executablePath } : undefined;
}

async function installed(env: NodeJS.ProcessEnv): Promise<LaunchOptions | undefined> {
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
    throw new Error('No browser was found for this test. Install Chromium or Chrome, or set CHROMIUM_PATH to one.');
  }
  const folder = await unpack(env);
  return {
    executablePath: join(folder, 'chromium'),
    env: { LD_LIBRARY_PATH: join(folder, 'al2023', 'lib'), FONTCONFIG_FILE: join(folder, 'fonts.conf') },
  };
}

/** The package unpacks into the temporary folder and accepts incomplete files there. So it gets a folder of its own, which is renamed when complete. */
async function unpack(env: NodeJS.ProcessEnv): Promise<string> {
  const cache = join(import.meta.dirname, '..', 'node_modules', '.cache');
  const manifest = JSON.parse(await readFile(new URL('../package.json', import.meta.url), 'utf8'));
  const folder = join(cache, `chromium-${manifest.dependencies['@sparticuz/chromium']}`);
  if (await exists(folder)) return folder;
  await mkdir(cache, { recursive: true });
  const partial = await mkdtemp(`${folder}-`);
  // With this variable it unpacks the libraries too, as on AWS Lambda.
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
    if (!(await exists(folder))) throw error; // Otherwise another process has unpacked it.
  }
  return folder;
}

/** The system's fonts, if any, and the package's own: without any font, text has no size. */
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
