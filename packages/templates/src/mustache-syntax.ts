/** Parses the mustaches of a source. A block that is not closed is reported where it opens, and not, as Handlebars does, at the end. */

import { limits } from '@posthouse/contract';
import Handlebars from 'handlebars';
import { positionAt } from './json-position.ts';
import { mustachesOf } from './markup.ts';
import type { TemplateIssue } from './template-error.ts';

/** An issue of a source whose file is known to the caller. */
type SyntaxIssue = Omit<TemplateIssue, 'file'> & { line: number };

/** @returns the parsed source, or what is wrong with it: at least one issue */
export function parseMustaches(source: string): hbs.AST.Program | SyntaxIssue[] {
  const issues = blockIssues(source);
  if (issues.length > 0) return issues;
  try {
    return Handlebars.parse(source);
  } catch (error) {
    const unclosed = unclosedMustaches(source);
    if (unclosed.length > 0) return unclosed;
    const message = (error as Error).message;
    const line = Number(/line (\d+)/.exec(message)?.[1] ?? / - (\d+):\d+$/.exec(message)?.[1] ?? 1);
    const [reason = ''] = message.split('\nExpecting');
    return [
      {
        rule: 'mustache-syntax',
        line,
        message: `has a syntax error in its mustaches: ${reason.replaceAll('\n', ' ')}`,
        fix: 'Fix it in that line.',
      },
    ];
  }
}

/** Mustaches that lack a closing brace: up to the next brace, which belongs to another one. */
function unclosedMustaches(source: string): SyntaxIssue[] {
  const issues: SyntaxIssue[] = [];
  const check = (mustache: string, index: number) => {
    const withoutTexts = mustache.replace(/"[^"\n]*"|'[^'\n]*'/g, (text) => '-'.repeat(text.length));
    const [, inner = '', end = ''] = /^(\{+[^{}]*)(\}*)/.exec(withoutTexts) ?? [];
    if (end.length > 1) return;
    const shown = mustache
      .slice(0, inner.length + end.length)
      .replace(/[<\n].*$/s, '')
      .trimEnd();
    const braces = end === '' ? 'its two closing braces' : 'its second closing brace';
    issues.push({
      rule: 'mustache-syntax',
      ...positionAt(source, index),
      message: `has ${shown} without ${braces}`,
      fix: 'End it with }}.',
    });
  };
  let end = 0;
  for (const { text, index } of mustachesOf(source)) {
    if (!text.startsWith('{{!')) check(text, index);
    end = index + text.length;
  }
  const last = source.indexOf('{{', end);
  if (last >= 0) check(source.slice(last), last);
  return issues;
}

interface OpenBlock {
  readonly name: string;
  readonly mustache: string;
  readonly index: number;
}

function blockIssues(source: string): SyntaxIssue[] {
  const openBlocks: OpenBlock[] = [];
  const issues: SyntaxIssue[] = [];
  const report = (index: number, message: string, fix: string) =>
    issues.push({ rule: 'unclosed-block', ...positionAt(source, index), message, fix });
  for (const { text: mustache, index } of mustachesOf(source)) {
    const { sign, name = '' } = /^\{\{~?(?<sign>[#^/])[*>]?\s*(?<name>[^\s~}]+)/.exec(mustache)?.groups ?? {};
    const depth = openBlocks.length + (mustache.match(/\(/g)?.length ?? 0);
    if (depth > limits.templates.nesting) {
      const fix = 'Nest less.';
      issues.push({ rule: 'template-size', ...positionAt(source, index), message: `nests mustaches ${depth} deep`, fix });
      return issues;
    }
    if (sign === '#' || sign === '^') openBlocks.push({ name, mustache, index });
    if (sign !== '/') continue;
    const found = openBlocks.findLastIndex((block) => block.name === name);
    if (found >= 0) {
      for (const block of openBlocks.splice(found).slice(1)) report(block.index, `never closes ${block.mustache}`, closing(block));
      continue;
    }
    const last = openBlocks.pop();
    if (last === undefined) report(index, `closes {{#${name}}}, which is not open`, `Remove it, or open the block with {{#${name} …}}.`);
    else report(last.index, `closes ${last.mustache} with ${mustache}`, closing(last));
  }
  for (const block of openBlocks) report(block.index, `never closes ${block.mustache}`, closing(block));
  return issues;
}

function closing({ name }: OpenBlock): string {
  return `Write {{/${name}}} where the block ends.`;
}
