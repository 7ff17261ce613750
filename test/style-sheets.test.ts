/** The style sheets of the web apps and of packages/web, and the colours of the mails. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';

const root = fileURLToPath(new URL('..', import.meta.url));
const maxLines = 300;

const shared = styleSheets('packages/web/assets');
const sheets = [...shared, ...['dashboard', 'sandbox', 'cli'].flatMap((app) => styleSheets(`apps/${app}/assets`))];
const mails = files('templates', '.mjml');

/** Defined for every page, by tokens.css and base.css. */
const everywhere = new Set(shared.flatMap(({ text }) => definitions(text)));
const palette = new Set(colours(read('packages/web/assets/tokens.css')));

describe.each(sheets)('$path', ({ path, text }) => {
  it(`has at most ${maxLines} lines`, () => {
    expect(text.trimEnd().split('\n').length).toBeLessThanOrEqual(maxLines);
  });

  it('uses only custom properties that it or the shared sheets define', () => {
    const known = new Set([...everywhere, ...definitions(text)]);
    const used = [...text.matchAll(/var\(\s*(--[\w-]+)/g)].map(([, name = '']) => name);
    expect([...new Set(used)].filter((name) => !known.has(name))).toEqual([]);
  });

  it('writes colours only in tokens.css', () => {
    expect(path.endsWith('tokens.css') ? [] : colours(text)).toEqual([]);
  });
});

describe.each(mails)('$path', ({ text }) => {
  it('has only colours of the palette', () => {
    expect([...new Set(colours(text))].filter((colour) => !palette.has(colour))).toEqual([]);
  });
});

interface TextFile {
  path: string;
  text: string;
}

function styleSheets(folder: string): TextFile[] {
  return files(folder, '.css');
}

function files(folder: string, extension: string): TextFile[] {
  return readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith(extension))
    .map((name) => ({ path: join(folder, name), text: read(join(folder, name)).replaceAll(/<!--.*?-->|\/\*.*?\*\//gs, blank) }));
}

function read(path: string): string {
  return readFileSync(join(root, path), 'utf8');
}

/** A comment as empty lines, so that its lines still count. */
function blank(comment: string): string {
  return comment.replaceAll(/[^\n]/g, '');
}

function definitions(text: string): string[] {
  return [...text.matchAll(/(?<=[{;]\s*)(--[\w-]+)\s*:/g)].map(([, name = '']) => name);
}

/** Colours as #rrggbb; an rgb() counts by its three numbers, whatever its alpha. `&#847;` is a character, not a colour. */
function colours(text: string): string[] {
  const hex = [...text.matchAll(/(?<!&)#([0-9a-f]{3,8})\b/gi)].map(([, digits = '']) => `#${long(digits.toLowerCase())}`);
  const rgb = [...text.matchAll(/rgba?\(\s*(\d+)[\s,]+(\d+)[\s,]+(\d+)/gi)].map(
    ([, ...parts]) => `#${parts.map((part) => Number(part).toString(16).padStart(2, '0')).join('')}`,
  );
  return [...hex, ...rgb];
}

function long(digits: string): string {
  return digits.length === 3 ? [...digits].map((digit) => digit + digit).join('') : digits.slice(0, 6);
}
