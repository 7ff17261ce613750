/**
 * Reads the MJML files of one template. MJML silently drops includes that it denies and tags that are never closed;
 * both are reported here, with their line.
 */
import { basename, dirname, join, relative } from 'node:path/posix';
import { limits, similarName } from '@posthouse/contract';
import { type Position, positionAt } from './json-position.ts';
import { type Tag, tagsOf, withoutMustaches } from './markup.ts';
import { mjmlElements, unknownElementFix } from './mjml-components.ts';
import type { TemplateIssue } from './template-error.ts';
import type { TemplateFiles } from './template-files.ts';

/** One file of a template. */
export interface SourceFile {
  readonly path: string;
  /** Without comments, with line numbers unchanged. */
  readonly text: string;
}

/** What a file has with all that it includes, as often as it is included. */
interface Size {
  bytes: number;
  includes: number;
  mustaches: number;
}

/** Replaces comments, except Outlook's conditional ones, by spaces, so that line numbers do not change. */
export function withoutComments(text: string): string {
  let kept = '';
  let position = 0;
  for (let start = text.indexOf('<!--'); start >= 0; start = text.indexOf('<!--', start + 4)) {
    if (/^<!--(\[if|<!|>)/.test(text.slice(start, start + 7))) continue;
    const end = text.indexOf('-->', start + 4);
    if (end < 0) break;
    kept += text.slice(position, start) + text.slice(start, end + 3).replace(/[^\n]/g, ' ');
    position = end + 3;
    start = end - 1;
  }
  return kept + text.slice(position);
}

/**
 * A file and everything that it includes, each file once.
 *
 * @param entry the template's file, relative to the set's folder
 * @param issues receives what is wrong
 */
export function mjmlSources(files: TemplateFiles, entry: string, issues: TemplateIssue[]): SourceFile[] {
  const sources = new Map<string, SourceFile>();
  const sizes = new Map<string, Size>();
  const read = (path: string, open: readonly string[]): Size => {
    const known = sizes.get(path);
    if (known !== undefined) return known;
    const text = withoutComments(files.text(path, issues) ?? '');
    sources.set(path, { path, text });
    if (path.endsWith('.mjml')) checkTags(path, text, issues);
    const size = { bytes: text.length, includes: 1, mustaches: text.split('{{').length - 1 };
    for (const { index, 0: tag } of text.matchAll(/<mj-include\b[^>]*/g)) {
      const target = targetOf(path, tag);
      const report = (message: string, advice = '') => {
        const fix = `${advice}Use the path of a file inside the templates folder, relative to this file.`;
        issues.push({ rule: 'include', file: path, ...positionAt(text, index), message, fix });
      };
      if (target === undefined) report('has an mj-include without a path');
      else if (target.startsWith('../') || target.startsWith('/')) report(`includes ${target}, which is outside of the set`);
      else if (!files.has(target)) {
        if (!files.isRefused(target)) report(`includes ${target}, which does not exist`, didYouMean(files, path, target));
        else issues.push(...files.issues.filter(({ file }) => target === file || target.startsWith(`${file}/`)));
      } else if ([...open, path].includes(target)) report(`includes ${target}, which includes it again without end`);
      else {
        const inner = read(target, [...open, path]);
        for (const key of ['bytes', 'includes', 'mustaches'] as const) size[key] += inner[key];
      }
    }
    sizes.set(path, size);
    return size;
  };
  checkSize(entry, read(entry, []), issues);
  return [...sources.values()].filter(({ path }) => files.has(path));
}

/** A question to start a fix with; empty where no file has a similar path, or this name. */
function didYouMean(files: TemplateFiles, path: string, target: string): string {
  const others = files.under('').filter((file) => file !== path && file.endsWith('.mjml'));
  const similar = similarName(target, others) ?? others.find((file) => basename(file) === basename(target));
  if (similar === undefined) return '';
  const written = relative(dirname(path), similar);
  return `Did you mean path="${written.startsWith('.') ? written : `./${written}`}"? `;
}

function targetOf(path: string, tag: string): string | undefined {
  const target = /\bpath=["']([^"']*)["']?/.exec(tag)?.[1];
  if (target === undefined) return undefined;
  return target.startsWith('/') ? target : join(dirname(path), target);
}

function checkSize(file: string, size: Size, issues: TemplateIssue[]): void {
  const max: Size = limits.templates.expanded;
  const units = { bytes: 'characters', includes: 'files', mustaches: 'mustaches' };
  for (const key of ['bytes', 'includes', 'mustaches'] as const) {
    if (size[key] <= max[key]) continue;
    const message = `has ${size[key]} ${units[key]} with everything that it includes, and a template may have ${max[key]}`;
    issues.push({ rule: 'template-size', file, message, fix: 'Include less, or split the template.' });
    return;
  }
}

/** Elements that need no closing tag. */
const hasOptionalEnd = /^(p|li|tr|td|th|thead|tbody|tfoot|dt|dd|option)$/;

/** MJML's own tags, and those with another prefix: each must be closed, the innermost first. */
function checkTags(file: string, text: string, issues: TemplateIssue[]): void {
  const elements = mjmlElements();
  const openTags: Tag[] = [];
  const report = (tag: Tag, message: string, advice = '') => {
    const fix = `${advice}Close every tag, the innermost first.`;
    issues.push({ rule: 'tag-nesting', file, ...positionAt(text, tag.start), message, fix });
  };
  const reportUnclosed = (tag: Tag) => {
    // Another name is an issue already.
    if (elements.has(tag.name)) report(tag, `never closes <${tag.name}>`);
  };
  const reportUnknown = (tag: Tag) => {
    const message = `has <${tag.name}>, which is no MJML component`;
    issues.push({ rule: 'mjml-invalid', file, ...positionAt(text, tag.start), message, fix: unknownElementFix(tag.name) });
  };
  let depth = 0;
  for (const tag of tagsOf(withoutMustaches(text))) {
    depth += hasOptionalEnd.test(tag.name) ? 0 : tag.kind === 'open' ? 1 : tag.kind === 'close' ? -1 : 0;
    if (depth > limits.templates.nesting) {
      const message = `nests tags more than ${limits.templates.nesting} deep, or does not close them`;
      issues.push({ rule: 'template-size', file, ...positionAt(text, tag.start), message, fix: 'Nest less, and close every tag.' });
      return;
    }
    if (!tag.name.startsWith('mj') && !elements.has(tag.name.replace(/^[a-z]+-/, 'mj-'))) continue;
    const isKnown = elements.has(tag.name);
    if (tag.kind !== 'close') {
      if (!isKnown) reportUnknown(tag);
      if (tag.kind === 'open') openTags.push(tag);
      continue;
    }
    const last = openTags.at(-1);
    let index = openTags.findLastIndex(({ name }) => name === tag.name);
    if (index < 0 && isKnown && last !== undefined && !elements.has(last.name)) {
      // The opening tag is the mistake, and this one closes it.
      openTags.pop();
      continue;
    }
    if (index < 0) {
      // A component may be left open by mistake; a name that does not exist can only be meant for an open one.
      const candidates = (isKnown ? openTags.slice(-1) : openTags).map(({ name }) => name).reverse();
      const similar = similarName(tag.name, candidates);
      if (similar === undefined) report(tag, `closes <${tag.name}>, which is not open`);
      else {
        report(tag, `closes <${tag.name}> while <${similar}> is open`, isKnown ? '' : `Did you mean </${similar}>? `);
        index = openTags.findLastIndex(({ name }) => name === similar);
      }
    }
    if (index >= 0) openTags.splice(index).slice(1).forEach(reportUnclosed);
  }
  openTags.forEach(reportUnclosed);
}

/** The file and the position of an offset in the text that MJML was given for one of the sources. */
export function locateIn(sources: readonly SourceFile[], given: string, index: number): { file: string } & Position {
  const source = sources.find(({ text }) => text !== '' && given.includes(text)) ?? sources[0];
  const offset = index - Math.max(0, given.indexOf(source?.text ?? ''));
  return { file: source?.path ?? '', ...positionAt(source?.text ?? '', offset) };
}
