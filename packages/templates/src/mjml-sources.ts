/**
 * Reads the MJML files of one template. MJML silently drops includes that it denies and tags that are never closed;
 * both are reported here, with their line.
 */
import { dirname, join } from 'node:path/posix';
import type { TemplateIssue } from './template-error.ts';
import { lineAt, type TemplateFiles } from './template-files.ts';

/** One file of a template. */
export interface SourceFile {
  readonly path: string;
  /** Without comments, with line numbers unchanged. */
  readonly text: string;
}

/** Replaces comments, except Outlook's conditional ones, by spaces, so that line numbers do not change. */
export function withoutComments(text: string): string {
  return text.replace(/<!--(?!\[if|<!|>)[\s\S]*?-->/g, (comment) => comment.replace(/[^\n]/g, ' '));
}

/**
 * A file and everything that it includes, each file once.
 *
 * @param entry the template's file, relative to the set's folder
 * @param issues receives what is wrong
 */
export function mjmlSources(files: TemplateFiles, entry: string, issues: TemplateIssue[]): SourceFile[] {
  const sources = new Map<string, SourceFile>();
  const read = (path: string): void => {
    const raw = files.text(path, issues);
    if (raw === undefined) return;
    const text = withoutComments(raw);
    sources.set(path, { path, text });
    if (path.endsWith('.mjml')) checkTags(path, text, issues);
    for (const { index, groups } of text.matchAll(/<mj-include\b[^>]*?\bpath=["'](?<target>[^"']*)["']/g)) {
      const target = join(dirname(path), groups?.['target'] ?? '');
      if (!files.has(target)) {
        const fix = 'Use the path of a file inside the templates folder, relative to this file.';
        issues.push({ rule: 'include', file: path, line: lineAt(text, index), message: `includes ${target}, which does not exist`, fix });
      } else if (!sources.has(target)) read(target);
    }
  };
  read(entry);
  return [...sources.values()];
}

function checkTags(file: string, text: string, issues: TemplateIssue[]): void {
  const openTags: { name: string; index: number }[] = [];
  const withoutMustaches = text.replace(/\{\{[\s\S]*?\}\}/g, (mustache) => ' '.repeat(mustache.length));
  for (const match of withoutMustaches.matchAll(/<(\/?)(mj[a-z-]*)(?:"[^"]*"|'[^']*'|[^"'>])*?(\/?)>/g)) {
    const [, slash, name = '', selfClosing] = match;
    if (selfClosing) continue;
    if (!slash) {
      openTags.push({ name, index: match.index });
      continue;
    }
    const last = openTags.pop();
    if (last?.name === name) continue;
    const message = last === undefined ? `closes <${name}>, which is not open` : `closes <${name}> while <${last.name}> is open`;
    issues.push({ rule: 'tag-nesting', file, line: lineAt(text, match.index), message, fix: 'Close every tag, the innermost first.' });
    return;
  }
  const last = openTags.pop();
  if (last !== undefined)
    issues.push({ rule: 'tag-nesting', file, line: lineAt(text, last.index), message: `never closes <${last.name}>`, fix: 'Close it.' });
}
