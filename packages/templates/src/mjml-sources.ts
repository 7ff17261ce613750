/**
 * The MJML files that make up one template. MJML drops an include that it denies, and a tag that is never
 * closed, without an error; here both are found, with their line.
 */
import { dirname, join } from 'node:path/posix';
import type { TemplateIssue } from './template-error.ts';
import { lineAt, type TemplateFiles } from './template-files.ts';

/** One file of a template. */
export interface SourceFile {
  readonly path: string;
  /** Without its comments; line numbers hold. */
  readonly text: string;
}

/** Takes the comments out, but for Outlook's conditional ones. Each leaves its length in spaces, so that line numbers hold. */
export function withoutComments(text: string): string {
  return text.replace(/<!--(?!\[if|<!|>)[\s\S]*?-->/g, (comment) => comment.replace(/[^\n]/g, ' '));
}

/** A file and all that it includes, each once. */
export function mjmlSources(files: TemplateFiles, entry: string, issues: TemplateIssue[]): SourceFile[] {
  const sources = new Map<string, SourceFile>();
  const read = (path: string): void => {
    const raw = files.text(path, issues);
    if (raw === undefined) return;
    const text = withoutComments(raw);
    sources.set(path, { path, text });
    if (path.endsWith('.mjml')) findUnclosed(path, text, issues);
    for (const { index, groups } of text.matchAll(/<mj-include\b[^>]*?\bpath=["'](?<target>[^"']*)["']/g)) {
      const target = join(dirname(path), groups?.['target'] ?? '');
      if (!files.has(target)) {
        const fix = 'Name a file inside the templates folder, relative to this one.';
        issues.push({ file: path, line: lineAt(text, index), what: `includes ${target}, which is not there`, fix });
      } else if (!sources.has(target)) read(target);
    }
  };
  read(entry);
  return [...sources.values()];
}

function findUnclosed(file: string, text: string, issues: TemplateIssue[]): void {
  const open: { name: string; index: number }[] = [];
  const withoutMustaches = text.replace(/\{\{[\s\S]*?\}\}/g, (mustache) => ' '.repeat(mustache.length));
  for (const match of withoutMustaches.matchAll(/<(\/?)(mj[a-z-]*)(?:"[^"]*"|'[^']*'|[^"'>])*?(\/?)>/g)) {
    const [, slash, name = '', selfClosing] = match;
    if (selfClosing) continue;
    if (!slash) {
      open.push({ name, index: match.index });
      continue;
    }
    const last = open.pop();
    if (last?.name === name) continue;
    const what = last === undefined ? `closes <${name}>, which is not open` : `closes <${name}> where <${last.name}> is open`;
    issues.push({ file, line: lineAt(text, match.index), what, fix: 'Let every tag close in the order in which it was opened.' });
    return;
  }
  const last = open.pop();
  if (last !== undefined) issues.push({ file, line: lineAt(text, last.index), what: `never closes <${last.name}>`, fix: 'Close it.' });
}
