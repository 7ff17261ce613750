/**
 * Checks the mustaches of a source when a template set is loaded and reports, with file and line: unknown helpers, paths that the
 * schema does not have, strings that a locale lacks, unescaped output.
 */
import { similarName } from '@posthouse/contract';
import { DataShape } from './data-shape.ts';
import { blocks, dataVariables, helperArity } from './handlebars-helpers.ts';
import { parseMustaches } from './mustache-syntax.ts';
import type { RuleId } from './rules.ts';
import type { TemplateIssue } from './template-error.ts';
import type { TemplateFolder } from './template-set.ts';

type Node = hbs.AST.Node;
type Path = hbs.AST.PathExpression;
type Call = hbs.AST.MustacheStatement | hbs.AST.SubExpression;

/** What the mustaches of a template use. */
export interface Usage {
  /** JSON pointers, with `*` for any entry of a list. */
  readonly data: Set<string>;
  /** Keys of strings. */
  readonly strings: Set<string>;
  /** Whether the schema restricts what a mustache outputs, by `file:line:column`. Those in strings are left out. */
  readonly outputs: Map<string, boolean>;
}

/** For `checkExpressions`. */
export const noUsage = (): Usage => ({ data: new Set(), strings: new Set(), outputs: new Map() });

/** What is being checked: a file, or a string of a locale that a file uses. */
interface CheckContext {
  readonly folder: TemplateFolder;
  /** The template's data. */
  readonly root: DataShape;
  readonly file: string;
  readonly issues: TemplateIssue[];
  readonly usage: Usage;
  readonly string?: { readonly key: string; readonly locale: string };
}

/** What `this` refers to, and the names that `as |name|` or a string's arguments add. Lists of scopes start with the innermost. */
interface Scope {
  readonly self: DataShape;
  readonly names: ReadonlyMap<string, DataShape>;
}

const anyShape = new DataShape(true);

/**
 * Checks a source in which `this` is the data of a template.
 *
 * @param issues receives what is wrong
 * @param usage receives what the source uses
 * @returns false when the mustaches do not parse
 */
export function checkExpressions(folder: TemplateFolder, file: string, source: string, issues: TemplateIssue[], usage: Usage): boolean {
  const root = new DataShape(folder.template.schema);
  return checkSource({ folder, root, file, issues, usage }, source, [{ self: root, names: new Map() }]);
}

/** Checks the subject and the preheader, which every mail has, whether or not the template's source uses them. */
export function checkSubjectAndPreheader(folder: TemplateFolder, issues: TemplateIssue[], usage: Usage): void {
  const root = new DataShape(folder.template.schema);
  const context = { folder, root, file: `${folder.template.name}/template.json`, issues, usage };
  for (const key of ['subject', 'preheader']) checkString(context, key, undefined, { self: root, names: new Map() });
}

function checkSource(context: CheckContext, source: string, scopes: readonly Scope[]): boolean {
  const parsed = parseMustaches(source);
  if (Array.isArray(parsed)) {
    for (const { rule, line, column = 1, message, fix } of parsed) report(rule, context, { line, column: column - 1 }, message, fix);
    return false;
  }
  checkProgram(context, parsed, scopes);
  return true;
}

function checkProgram(context: CheckContext, program: hbs.AST.Program | undefined, scopes: readonly Scope[]): void {
  for (const statement of program?.body ?? []) {
    switch (statement.type) {
      case 'ContentStatement':
      case 'CommentStatement':
        break;
      case 'MustacheStatement':
        checkMustache(context, statement as hbs.AST.MustacheStatement, scopes);
        break;
      case 'BlockStatement':
        checkBlock(context, statement as hbs.AST.BlockStatement, scopes);
        break;
      default:
        report('partial', context, statement, 'uses a partial or a decorator', 'Use <mj-include> instead.');
    }
  }
}

function checkMustache(context: CheckContext, mustache: hbs.AST.MustacheStatement, scopes: readonly Scope[]): void {
  if (!mustache.escaped) {
    const fix = 'Use two braces: data is always escaped.';
    report('unescaped', context, mustache, `outputs ${nameOf(mustache)} unescaped, with {{{ or {{&`, fix);
  }
  const shape = checkCall(context, mustache, scopes);
  const { line, column } = mustache.loc.start;
  const isRestricted = shape?.isRestricted === true || nameOf(mustache) === 'number';
  if (context.string === undefined) context.usage.outputs.set(`${context.file}:${line}:${column + 1}`, isRestricted);
}

function checkBlock(context: CheckContext, block: hbs.AST.BlockStatement, scopes: readonly Scope[]): void {
  const name = nameOf(block);
  const [subject] = block.params;
  if (!blocks.has(name) || subject === undefined || block.params.length > 1) {
    const fix = `Use ${[...blocks].map((known) => `{{#${known} …}}`).join(', ')}.`;
    report('unknown-block', context, block, `uses the block {{#${name}}}, which does not exist in this form`, fix);
    return;
  }
  const shape = checkExpression(context, subject, scopes);
  const inner = name === 'each' ? (shape.element() ?? anyShape) : name === 'with' ? shape : undefined;
  const names = block.program?.blockParams?.map((param, index): [string, DataShape] => [param, index === 0 ? (inner ?? shape) : anyShape]);
  checkProgram(context, block.program, inner === undefined ? scopes : [{ self: inner, names: new Map(names) }, ...scopes]);
  checkProgram(context, block.inverse, scopes);
}

/**
 * Checks a path, a literal or a call in parentheses.
 * @param argument of a helper, as it would be with quotes: a text without them is read as a path
 * @returns what it refers to
 */
function checkExpression(context: CheckContext, expression: Node, scopes: readonly Scope[], argument?: string): DataShape {
  if (expression.type === 'PathExpression') return checkPath(context, expression as Path, scopes, argument);
  if (expression.type === 'SubExpression') checkCall(context, expression as Call, scopes);
  return anyShape;
}

/** @returns what a path refers to; undefined for the call of a helper */
function checkCall(context: CheckContext, call: Call, scopes: readonly Scope[]): DataShape | undefined {
  const name = nameOf(call);
  const pairs = call.hash?.pairs ?? [];
  const expected = helperArity.get(name);
  if (expected === undefined && call.params.length === 0 && pairs.length === 0) {
    return checkExpression(context, call.path, scopes);
  }
  if (expected === undefined) {
    const fix = `${didYouMean(name, helperArity.keys())}The helpers are ${[...helperArity.keys()].join(', ')}.`;
    report('unknown-helper', context, call, `uses the helper ${name}, which does not exist`, fix);
  } else if (expected !== call.params.length) {
    const message = `calls ${name} with a wrong number of parameters (${call.params.length})`;
    report('helper-arguments', context, call, message, `It takes ${expected}.`);
  }
  // What a mistaken call uses is used: without that, its data would be reported as unused too.
  for (const { key, value } of pairs) checkExpression(context, value, scopes, `${key}='${nameOf({ path: value })}'`);
  if (name !== 't') for (const param of call.params) checkExpression(context, param, scopes, `'${nameOf({ path: param })}'`);
  else if (expected === call.params.length) checkTranslation(context, call, scopes);
  else for (const param of call.params) context.usage.strings.add(keyOf(param));
  return undefined;
}

/** Checks `{{t 'key' name=value}}`. */
function checkTranslation(context: CheckContext, call: Call, scopes: readonly Scope[]): void {
  const [key] = call.params as hbs.AST.StringLiteral[];
  if (key?.type !== 'StringLiteral' || context.string !== undefined) {
    const meant = key === undefined ? '' : keyOf(key);
    context.usage.strings.add(meant);
    const message = 'uses t with something other than a quoted key, or inside a string';
    report('string-key', context, call, message, `Write {{t '${meant}'}}, in the template.`);
    return;
  }
  const names = new Map((call.hash?.pairs ?? []).map((pair) => [pair.key, anyShape]));
  checkString(context, key.value, call, { self: scopes[0]?.self ?? anyShape, names });
}

/** The key that a parameter of `t` names, with or without its quotes. */
function keyOf(param: Node): string {
  return param.type === 'StringLiteral' ? (param as hbs.AST.StringLiteral).value : nameOf({ path: param });
}

/** Checks that every locale has the string, and what the string uses. */
function checkString(context: CheckContext, key: string, call: Call | undefined, scope: Scope): void {
  const { folder, usage, issues } = context;
  usage.strings.add(key);
  const locales = [...folder.strings];
  const lacking = locales.filter(([, strings]) => !Object.hasOwn(strings, key)).map(([locale]) => locale);
  // A locale without a subject or a preheader has an issue already, and so has one that cannot be read.
  const isReported = key === 'subject' || key === 'preheader' || locales.length === 0;
  if (lacking.length === locales.length) {
    if (call === undefined || isReported) return;
    const similar = similarName(
      key,
      locales.flatMap(([, strings]) => Object.keys(strings)),
    );
    if (similar !== undefined) usage.strings.add(similar);
    const files = locales.map(([locale]) => `${locale}.json`).join(', ');
    const fix = `${similar === undefined ? 'Fix the key' : `Did you mean '${similar}'? Fix the key`}, or add it to ${folder.template.name}/locales/${files}.`;
    report('missing-string', context, call, `uses the string '${key}', which no locale has`, fix);
    return;
  }
  for (const locale of call === undefined || isReported ? [] : lacking) {
    const message = `lacks the string '${key}', which ${context.file} uses in line ${call?.loc.start.line} and another locale has`;
    const fix = `Add "${key}" to it.`;
    issues.push({ rule: 'locale-gap', ...folder.stringPosition(locale, key), message, fix, locale });
  }
  for (const [locale, strings] of locales) {
    const source = Object.hasOwn(strings, key) ? strings[key] : undefined;
    if (source !== undefined) checkSource({ ...context, string: { key, locale } }, source, [scope]);
  }
}

function checkPath(context: CheckContext, path: Path, scopes: readonly Scope[], argument?: string): DataShape {
  const [first = '', ...rest] = path.parts;
  if (path.data && first !== 'root') {
    if (!dataVariables.has(first)) {
      report(
        'unknown-variable',
        context,
        path,
        `uses {{${path.original}}}, which does not exist`,
        `The variables are @root, @${[...dataVariables].join(', @')}.`,
      );
    }
    return anyShape;
  }
  const named = path.depth === 0 ? scopes.find(({ names }) => names.has(first))?.names.get(first) : undefined;
  const start = path.data ? context.root : (named ?? scopes[path.depth]?.self);
  const steps = path.data || named !== undefined ? rest : path.parts;
  let shape = start;
  for (const step of steps) {
    const inner = shape?.property(step);
    if (inner === undefined) {
      const outer = shape === start && path.depth === 0 ? scopes.findIndex(({ self }) => self.property(step) !== undefined) : -1;
      if (outer > 0) {
        context.usage.data.add(scopes[outer]?.self.property(step)?.pointer ?? '');
        const fix = `Did you mean ${'../'.repeat(outer)}${path.original}? Inside {{#each}} and {{#with}} a path starts at their data.`;
        report('unknown-data', context, path, `uses {{${path.original}}}, which is not in the schema`, fix);
        return anyShape;
      }
      reportUnknownData(context, path, shape, step, argument);
      return anyShape;
    }
    shape = inner;
    context.usage.data.add(shape.pointer);
  }
  if (shape === undefined) reportUnknownData(context, path, undefined, '', argument);
  else context.usage.data.add(shape.pointer);
  return shape ?? anyShape;
}

/** @param parent what has no property of the name `step`; what is meant by a similar one counts as used */
function reportUnknownData(context: CheckContext, path: Path, parent: DataShape | undefined, step: string, argument?: string): void {
  const similar = similarName(step, parent?.names ?? []);
  const meant = similar === undefined ? undefined : parent?.property(similar);
  if (meant !== undefined) context.usage.data.add(meant.pointer);
  const quotes = argument === undefined ? '' : `A text needs quotes: ${argument}. `;
  const start = similar === undefined ? quotes : `Did you mean ${path.original.replace(step, similar)}? `;
  const fix = `${start}Fix the spelling, or add it to the schema in ${context.folder.template.name}/template.json.`;
  report('unknown-data', context, path, `uses {{${path.original}}}, which is not in the schema`, fix);
}

/** A question to start a fix with; empty where no known name is similar. */
function didYouMean(written: string, known: Iterable<string>): string {
  const similar = similarName(written, known);
  return similar === undefined ? '' : `Did you mean ${similar}? `;
}

function nameOf(node: { path: Node }): string {
  return String((node.path as Path).original);
}

function report(rule: RuleId, context: CheckContext, at: Node | hbs.AST.Position, message: string, fix: string): void {
  const { file, string, issues, folder } = context;
  const { line, column } = 'loc' in at ? at.loc.start : at;
  if (string === undefined) issues.push({ rule, file, line, column: column + 1, message, fix });
  else {
    const position = folder.stringPosition(string.locale, string.key);
    issues.push({ rule, ...position, message: `in the string '${string.key}' ${message}`, fix, locale: string.locale });
  }
}
