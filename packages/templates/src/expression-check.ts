/**
 * Reads the mustaches of a source and names what cannot work: a helper that does not exist, a path that the
 * schema does not have, a string that a locale lacks, unescaped output. Found once, at load, with file and line.
 */
import Handlebars from 'handlebars';
import { DataShape } from './data-shape.ts';
import { blocks, dataVariables, helperArity } from './handlebars-helpers.ts';
import type { TemplateIssue } from './template-error.ts';
import type { TemplateFolder } from './template-folder.ts';

type Node = hbs.AST.Node;
type Path = hbs.AST.PathExpression;
type Call = hbs.AST.MustacheStatement | hbs.AST.SubExpression;

/** Where the walk is: in a file, and perhaps in a string that a line of it uses. */
interface Place {
  readonly folder: TemplateFolder;
  readonly root: DataShape;
  readonly file: string;
  readonly issues: TemplateIssue[];
  readonly string?: { readonly name: string; readonly line: number | undefined };
}

/** What `this` is, and the names that `as |name|` or a string's arguments add. The innermost scope comes first. */
interface Scope {
  readonly self: DataShape;
  readonly names: ReadonlyMap<string, DataShape>;
}

const anything = new DataShape(true);

/**
 * Checks a source whose `this` is the data of a template.
 * @returns false when its mustaches do not even parse
 */
export function checkExpressions(folder: TemplateFolder, file: string, source: string, issues: TemplateIssue[]): boolean {
  const root = new DataShape(folder.template.schema);
  return checkSource({ folder, root, file, issues }, source, [{ self: root, names: new Map() }]);
}

/** Checks the subject and the preheader, which are there without a mustache that asks for them. */
export function checkSubjectAndPreheader(folder: TemplateFolder, issues: TemplateIssue[]): void {
  const root = new DataShape(folder.template.schema);
  const place = { folder, root, file: `${folder.template.name}/template.json`, issues };
  for (const key of ['subject', 'preheader']) checkString(place, key, undefined, { self: root, names: new Map() });
}

function checkSource(place: Place, source: string, scopes: readonly Scope[]): boolean {
  let program: hbs.AST.Program;
  try {
    program = Handlebars.parse(source);
  } catch (error) {
    const message = (error as Error).message;
    const line = Number(/line (\d+)/.exec(message)?.[1] ?? / - (\d+):\d+$/.exec(message)?.[1] ?? 1);
    const [reason = ''] = message.split('\nExpecting');
    issue(place, line, `has mustaches that do not parse: ${reason.replaceAll('\n', ' ')}`, 'Mend them there.');
    return false;
  }
  checkProgram(place, program, scopes);
  return true;
}

function checkProgram(place: Place, program: hbs.AST.Program | undefined, scopes: readonly Scope[]): void {
  for (const statement of program?.body ?? []) {
    switch (statement.type) {
      case 'ContentStatement':
      case 'CommentStatement':
        break;
      case 'MustacheStatement':
        checkMustache(place, statement as hbs.AST.MustacheStatement, scopes);
        break;
      case 'BlockStatement':
        checkBlock(place, statement as hbs.AST.BlockStatement, scopes);
        break;
      default:
        issue(place, statement, 'uses a partial or a decorator', 'Use <mj-include> instead.');
    }
  }
}

function checkMustache(place: Place, mustache: hbs.AST.MustacheStatement, scopes: readonly Scope[]): void {
  if (!mustache.escaped) {
    const fix = 'Use two braces: data is escaped, always.';
    issue(place, mustache, `puts ${nameOf(mustache)} in unescaped, with {{{ or {{&`, fix);
  }
  checkCall(place, mustache, scopes);
}

function checkBlock(place: Place, block: hbs.AST.BlockStatement, scopes: readonly Scope[]): void {
  const name = nameOf(block);
  const [subject] = block.params;
  if (!blocks.has(name) || subject === undefined || block.params.length > 1) {
    const fix = `Use ${[...blocks].map((known) => `{{#${known} …}}`).join(', ')}.`;
    issue(place, block, `uses the block {{#${name}}}, which does not exist so`, fix);
    return;
  }
  const shape = checkExpression(place, subject, scopes);
  const inner = name === 'each' ? (shape.element() ?? anything) : name === 'with' ? shape : undefined;
  const names = block.program?.blockParams?.map((param, index): [string, DataShape] => [param, index === 0 ? (inner ?? shape) : anything]);
  checkProgram(place, block.program, inner === undefined ? scopes : [{ self: inner, names: new Map(names) }, ...scopes]);
  checkProgram(place, block.inverse, scopes);
}

/** A path, a literal, or a call in parentheses. Says what it stands for. */
function checkExpression(place: Place, expression: Node, scopes: readonly Scope[]): DataShape {
  if (expression.type === 'PathExpression') return checkPath(place, expression as Path, scopes);
  if (expression.type === 'SubExpression') checkCall(place, expression as Call, scopes);
  return anything;
}

function checkCall(place: Place, call: Call, scopes: readonly Scope[]): void {
  const name = nameOf(call);
  const pairs = call.hash?.pairs ?? [];
  const expected = helperArity.get(name);
  if (expected === undefined && call.params.length === 0 && pairs.length === 0) {
    checkExpression(place, call.path, scopes);
    return;
  }
  if (expected !== call.params.length) {
    const what =
      expected === undefined ? `uses the helper ${name}, which does not exist` : `hands ${name} ${call.params.length} parameters`;
    issue(place, call, what, expected === undefined ? `There are ${[...helperArity.keys()].join(', ')}.` : `It takes ${expected}.`);
    return;
  }
  for (const { value } of pairs) checkExpression(place, value, scopes);
  if (name === 't') checkTranslation(place, call, scopes);
  else for (const param of call.params) checkExpression(place, param, scopes);
}

/** `{{t 'key' name=value}}` */
function checkTranslation(place: Place, call: Call, scopes: readonly Scope[]): void {
  const [key] = call.params as hbs.AST.StringLiteral[];
  if (key?.type !== 'StringLiteral' || place.string !== undefined) {
    issue(place, call, 'uses t without the key of a string, or in a string', "Write {{t 'greeting'}}, in the template.");
    return;
  }
  const names = new Map((call.hash?.pairs ?? []).map((pair) => [pair.key, anything]));
  checkString(place, key.value, call.loc.start.line, { self: scopes[0]?.self ?? anything, names });
}

/** Every locale has the string, and all that the string uses is there. */
function checkString(place: Place, key: string, line: number | undefined, scope: Scope): void {
  for (const [locale, strings] of place.folder.strings) {
    const source = strings[key];
    if (source === undefined) {
      const fix = `Add it to ${place.folder.template.name}/locales/${locale}.json.`;
      issue(place, line, `uses the string '${key}', which ${locale} does not have`, fix);
    } else {
      checkSource({ ...place, string: { name: `the string '${key}' of ${locale}`, line } }, source, [scope]);
    }
  }
}

function checkPath(place: Place, path: Path, scopes: readonly Scope[]): DataShape {
  const [first = '', ...rest] = path.parts;
  if (path.data && first !== 'root') {
    if (!dataVariables.has(first)) {
      issue(place, path, `uses {{${path.original}}}, which does not exist`, `There are @root, @${[...dataVariables].join(', @')}.`);
    }
    return anything;
  }
  const named = path.depth === 0 ? scopes.find(({ names }) => names.has(first))?.names.get(first) : undefined;
  const start = path.data ? place.root : (named ?? scopes[path.depth]?.self);
  const steps = path.data || named !== undefined ? rest : path.parts;
  const shape = steps.reduce<DataShape | undefined>((inner, step) => inner?.property(step), start);
  if (shape === undefined) {
    const fix = `Mend its spelling, or add it to the schema in ${place.folder.template.name}/template.json.`;
    issue(place, path, `uses {{${path.original}}}, which is not in the schema`, fix);
  }
  return shape ?? anything;
}

function nameOf(node: { path: Node }): string {
  return String((node.path as Path).original);
}

function issue(place: Place, at: Node | number | undefined, what: string, fix: string): void {
  const { file, string, issues } = place;
  const own = typeof at === 'object' ? at.loc.start.line : at;
  const line = string === undefined ? own : string.line;
  issues.push({ file, ...(line !== undefined && { line }), what: string === undefined ? what : `${string.name} ${what}`, fix });
}
