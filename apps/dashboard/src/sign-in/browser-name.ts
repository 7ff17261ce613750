/** The browser of a session in short. Only names of this file are kept, never the text that a client sends. */
import { text } from '../ui/translate.ts';

/** In place of a browser that none of these is; pages translate it. */
export const unknownBrowser = text('Unknown browser');

/** The first match counts: each browser also names those that it is based on. */
const browsers: readonly (readonly [RegExp, string])[] = [
  [/\bEdg(?:e|A|iOS)?\//, 'Edge'],
  [/\bOPR\//, 'Opera'],
  [/\bSamsungBrowser\//, 'Samsung Internet'],
  [/\b(?:Firefox|FxiOS)\//, 'Firefox'],
  [/\b(?:Chrome|CriOS|HeadlessChrome)\//, 'Chrome'],
  [/\bVersion\/\S+ (?:Mobile\/\S+ )?Safari\//, 'Safari'],
];

const systems: readonly (readonly [RegExp, string])[] = [
  [/\bWindows\b/, 'Windows'],
  [/\b(?:iPhone|iPad|iPod)\b/, 'iOS'],
  [/\bAndroid\b/, 'Android'],
  [/\bMac OS X\b/, 'macOS'],
  [/\bCrOS\b/, 'ChromeOS'],
  [/\bLinux\b/, 'Linux'],
];

/** @param userAgent the header `User-Agent`, which may be anything @returns such as `Firefox on Linux` */
export function browserName(userAgent: string | undefined): string {
  const nameIn = (table: typeof browsers) => table.find(([pattern]) => pattern.test(userAgent ?? ''))?.[1];
  const system = nameIn(systems);
  return `${nameIn(browsers) ?? unknownBrowser}${system === undefined ? '' : ` on ${system}`}`;
}
