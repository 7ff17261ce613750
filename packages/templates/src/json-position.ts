/** Finds where a value stands in the text of a JSON file, and why a text is not JSON. */

import { pointerTokens } from '@posthouse/contract';
import { findNodeAtLocation, type Node, type ParseError, parseTree, printParseErrorCode } from 'jsonc-parser';

/** From 1. */
export interface Position {
  readonly line: number;
  readonly column: number;
}

const strict = { disallowComments: true, allowTrailingComma: false };

/** The line and column of an offset in a text. */
export function positionAt(text: string, offset: number): Position {
  const before = text.slice(0, offset);
  return { line: before.split('\n').length, column: offset - before.lastIndexOf('\n') };
}

/** A text's JSON with offsets; undefined where it is nested too deep for that. */
export type JsonTree = Node | undefined;

export function jsonTree(json: string, errors: ParseError[] = []): JsonTree {
  try {
    return parseTree(json, errors, strict);
  } catch {
    return undefined;
  }
}

/** Where a JSON pointer (RFC 6901) leads: to the key of a property or to an entry; where there is no such value, to what would hold it. */
export function positionOf(json: string, tree: JsonTree, pointer: string): Position {
  let node: Node | undefined = tree;
  for (const token of pointerTokens(pointer)) {
    const next: Node | undefined = node && findNodeAtLocation(node, [node.type === 'array' ? Number(token) : token]);
    if (next === undefined) break;
    node = next;
  }
  const key = node?.parent?.type === 'property' ? node.parent : node;
  return positionAt(json, key?.offset ?? 0);
}

/**
 * Why a text is not JSON: the first error and where it is, which for a missing comma is the end of the line that lacks it. JSON.parse
 * names the token after it.
 */
export function jsonError(text: string, thrown: unknown): { reason: string; position: Position } {
  const errors: ParseError[] = [];
  jsonTree(text, errors);
  const [first] = errors;
  if (first === undefined) return { reason: (thrown as Error).message, position: { line: 1, column: 1 } };
  const name = printParseErrorCode(first.error);
  const reason = reasons[name] ?? name;
  const offset = /Expected$/.test(name) ? text.slice(0, first.offset).trimEnd().length : first.offset;
  return { reason: offset >= text.trimEnd().length ? `${reason}, at the end of the file` : reason, position: positionAt(text, offset) };
}

const reasons: Record<string, string> = {
  CommaExpected: 'a comma is missing',
  ColonExpected: 'a colon is missing',
  ValueExpected: 'a value is missing',
  PropertyNameExpected: 'a key in double quotes is missing; the last entry has no comma after it',
  CloseBraceExpected: 'a closing } is missing',
  CloseBracketExpected: 'a closing ] is missing',
  InvalidCommentToken: 'comments are not allowed',
  UnexpectedEndOfString: 'a text has no closing quote',
  UnexpectedEndOfComment: 'comments are not allowed',
  InvalidSymbol: 'a word has no quotes',
  InvalidNumberFormat: 'a number is not valid',
  InvalidUnicode: 'a \\u escape is not valid',
  InvalidEscapeCharacter: 'a backslash is followed by a character that it cannot escape',
  InvalidCharacter: 'a text has a control character',
  EndOfFileExpected: 'there is more after the end',
};
