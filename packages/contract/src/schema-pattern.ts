/**
 * Patterns of schemas that other people write. A regular expression of JavaScript can take a time that doubles with each character, such as
 * `^(a+)+$`, and nothing else runs meanwhile. So a pattern is tested by an engine whose time grows with the text alone, or by JavaScript where
 * the pattern leaves nothing to try again.
 */
import { RE2JS } from 're2js';

/** A pattern that cannot be tested in time that grows with the text alone. */
export class UnsupportedPattern extends Error {
  override readonly name = 'UnsupportedPattern';
  readonly pattern: string;

  constructor(pattern: string, cause: unknown) {
    const why = /\(\?<?[=!]/.test(pattern) ? 'a lookaround' : /\\[1-9]|\\k</.test(pattern) ? 'a back reference' : undefined;
    super(
      why === undefined
        ? `the pattern ${pattern} has a part that is not supported: ${(cause as Error).message.replace(/^error parsing regexp: /, '')}`
        : `the pattern ${pattern} has ${why}, with which a check can take any time`,
    );
    this.pattern = pattern;
  }
}

/**
 * Compiles a pattern; Ajv's option `code.regExp`.
 * @param flags of RegExp
 * @throws SyntaxError, or UnsupportedPattern
 */
function compilePattern(pattern: string, flags: string): { test(text: string): boolean; toString(): string } {
  const native = new RegExp(pattern, flags);
  if (isSimple(pattern)) return native;
  const compiled = compileLinear(pattern);
  // By its text, Ajv knows which patterns are the same.
  return { test: (text) => compiled.test(text), toString: () => String(native) };
}

/** The engine of patterns, in the form of Ajv's option `code.regExp`. */
export const patternEngine = Object.assign(compilePattern, { code: 'patternEngine' });

/** Characters and classes from the beginning on, no groups, and one repetition: what one place has matched, no other can. */
function isSimple(pattern: string): boolean {
  const atoms = pattern
    .replace(/\\(?:[pPu]\{[^}]*\}|u[\dA-Fa-f]{4}|x[\dA-Fa-f]{2}|c[A-Za-z]|[^1-9k])/g, 'a')
    .replace(/\[\^?[^\]]*\]/g, 'a');
  const counted = atoms.replace(/\{\d+\}/g, '');
  return /^\^[^|()\\]*$/.test(counted) && (counted.match(/[*+{]/g)?.length ?? 0) <= 1 && (counted.match(/\?/g)?.length ?? 0) <= 3;
}

/** What JavaScript means by `.` and `\s`; the engine means less by them. */
const lineEnds = '\\n\\r\\x{2028}\\x{2029}';
const blanks = '\\t\\n\\x{0B}\\f\\r \\x{A0}\\x{1680}\\x{2000}-\\x{200A}\\x{2028}\\x{2029}\\x{202F}\\x{205F}\\x{3000}\\x{FEFF}';
const noBlanks =
  '\\x{0}-\\x{8}\\x{E}-\\x{1F}\\x{21}-\\x{9F}\\x{A1}-\\x{167F}\\x{1681}-\\x{1FFF}\\x{200B}-\\x{2027}\\x{202A}-\\x{202E}\\x{2030}-\\x{205E}' +
  '\\x{2060}-\\x{2FFF}\\x{3001}-\\x{FEFE}\\x{FF00}-\\x{10FFFF}';

/** What the engine reads in another way: a script, a character beyond U+FFFF as two escapes, other escapes, dots and classes. */
const parts = /\\p\{(?:Script|sc)=(\w+)\}|\\u([dD][89abAB][\da-fA-F]{2})\\u([dD][c-fC-F][\da-fA-F]{2})|\\.|[.[\]]/gs;

function compileLinear(pattern: string): RE2JS {
  let isInClass = false;
  const translated = pattern.replace(parts, (part, script?: string, high?: string, low?: string) => {
    if (script !== undefined) return `\\p{${script}}`;
    if (high !== undefined && low !== undefined) return String.fromCharCode(Number.parseInt(high, 16), Number.parseInt(low, 16));
    if (part === '[') isInClass = true;
    if (part === ']') isInClass = false;
    if (part === '.' && !isInClass) return `[^${lineEnds}]`;
    const set = part === '\\s' ? blanks : part === '\\S' ? noBlanks : undefined;
    if (set === undefined) return part;
    return isInClass ? set : `[${set}]`;
  });
  try {
    return RE2JS.compile(RE2JS.translateRegExp(translated));
  } catch (error) {
    throw new UnsupportedPattern(pattern, error);
  }
}
