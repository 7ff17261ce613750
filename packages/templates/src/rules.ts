/** The rules of a check of templates. docs/template-rules.md lists them too, in the same words. */

/** An error ends the check with exit code 1; a warning does so where the check is strict. */
export type Severity = 'error' | 'warning';

interface Rule {
  readonly severity: Severity;
  /** What is wrong, as a noun phrase or a sentence without its full stop. */
  readonly meaning: string;
  /** How it is fixed in general, as a sentence. */
  readonly fix: string;
  /** A worker does not start with it, and neither does the API. */
  readonly refused: boolean;
}

const refused = (meaning: string, fix: string): Rule => ({ severity: 'error', meaning, fix, refused: true });

const error = (meaning: string, fix: string): Rule => ({ severity: 'error', meaning, fix, refused: false });
const warning = (meaning: string, fix: string): Rule => ({ severity: 'warning', meaning, fix, refused: false });

/** By id, which is stable: configurations of CI name it. */
export const rules = {
  'set-unreadable': refused('The folder of templates, or a file in it, cannot be read', 'Set TEMPLATES_DIR to a folder that can be read.'),
  'file-missing': refused('A template has no template.json or no template.mjml', 'Create the file.'),
  link: refused(
    'A file or folder is a link out of the set, to a folder that contains it, or to nothing',
    'Replace it by what it leads to.',
  ),
  'template-size': refused('A file, or a template with all that it includes, is larger than any mail needs', 'Split it, or include less.'),
  encoding: refused('A file is not UTF-8', 'Save it as UTF-8.'),
  'json-syntax': refused('A file is not JSON', 'Fix the syntax in this line or before it.'),
  'template-name': refused('A folder has a name that no template can have', 'Name it like password-reset, or start its name with _.'),
  manifest: refused('template.json has a field that is unknown, missing or invalid', 'Correct the field.'),
  schema: refused(
    '`schema` of template.json is not a JSON Schema, or has a pattern that can be slow',
    'Write a schema of draft-07, and patterns without lookaround.',
  ),
  locale: refused('A locale has no file, or a file of locales has a name that is no locale', 'Name the file after a BCP 47 tag.'),
  strings: refused('A file of strings is not one object with texts as values', 'Write one object, without nesting.'),
  'subject-missing': refused('A locale has no subject', 'Add `subject` to the locale or to template.json.'),
  'preheader-missing': refused('A locale has no preheader', 'Add `preheader` to the locale or to template.json.'),
  'sample-missing': refused('A template has no sample', 'Create samples/default.json.'),
  'sample-schema': refused('A sample does not fit the schema', 'Fix the sample or the schema.'),
  'sample-render': refused('A sample does not render', 'Fix the sample, the template or its schema.'),
  'mustache-syntax': refused('A mustache is not valid Handlebars', 'Fix the mustache in this line.'),
  'unclosed-block': refused('A block is not closed, or closed as another one', 'Close the block where it ends.'),
  unescaped: refused('A mustache outputs data unescaped', 'Use two braces.'),
  partial: refused('A source uses a partial or a decorator of Handlebars', 'Use mj-include.'),
  'unknown-block': refused('A block does not exist, or not in this form', 'Use if, unless, each or with, each with one parameter.'),
  'unknown-helper': refused('A helper does not exist', 'Use one of the helpers in docs/templates.md.'),
  'helper-arguments': refused('A helper is called with a wrong number of parameters', 'Pass as many as docs/templates.md says.'),
  'unknown-variable': refused('A variable after @ does not exist', 'Use @root, @locale, @index, @key, @first or @last.'),
  'unknown-data': refused('A path is not in the schema', 'Fix its spelling, or add it to the schema.'),
  'string-key': refused('The helper t is called without a quoted key, or inside a string', "Write {{t 'greeting'}}, in the template."),
  'missing-string': refused('A string is used that no locale has', 'Fix the key, or add it to every locale.'),
  'locale-gap': refused('A locale lacks a string that another one has and the template uses', 'Add it to the locale.'),
  include: refused(
    'An include does not exist, is outside of the set, or includes itself',
    'Use the path of a file inside the set, relative to the including file.',
  ),
  'tag-nesting': refused('A tag of MJML is not closed, or closed as another one', 'Close every tag, the innermost first.'),
  'mjml-syntax': refused('A source is not MJML', 'Fix its structure.'),
  'mjml-invalid': refused(
    'MJML does not know an element or an attribute, or not with this value',
    'See the components at documentation.mjml.io.',
  ),
  'dropped-mustache': refused('MJML drops a mustache', 'Move it into mj-raw, or into the text of a component.'),
  'unsafe-link': refused('A link starts with data, without the helper url', 'Use the helper url.'),
  'leftover-tag': refused('A component of MJML stands where only HTML is allowed', 'Move it to where MJML accepts components.'),
  'check-config': error('check.json has a field that is unknown or invalid', 'Correct the field.'),
  'image-alt': error('A picture has no alt', 'Add `alt`; an empty one where the picture says nothing.'),
  'link-text': error('A link has no text', 'Write what it leads to; of a picture, in its alt.'),
  'script-link': error('A link runs a script', 'Use a link that starts with https:, http: or mailto:.'),
  'placeholder-link': error(
    'A link leads nowhere: `#`, nothing, or a host below example.com, example.net or example.org',
    'Write the link that is meant.',
  ),
  'insecure-link': warning('A link or a picture is loaded without TLS', 'Use https:.'),
  'unsafe-style': error('A style runs a script or loads a style sheet', 'Remove it.'),
  'style-data': warning('Data that may be any text stands in a style', 'Restrict it in the schema, by `enum` or `pattern`.'),
  'html-nesting': error('Elements of HTML do not nest', 'Close every element where it ends, the innermost first.'),
  'html-size': error('The HTML of a sample is over 102 KB, where Gmail cuts it', 'Shorten the template, or the list that it shows.'),
  'preheader-not-shown': warning(
    'The body has no mj-preview, so that an inbox shows other text',
    "Write <mj-preview>{{t 'preheader'}}</mj-preview> into mj-head.",
  ),
  'contrast-light': warning('A text has too little contrast in light', 'Use a darker or a lighter colour.'),
  'contrast-dark': warning('A text has too little contrast in dark', 'Set its colours for prefers-color-scheme: dark.'),
  'client-support': warning(
    'More of the named mail clients lack a feature than the set allows',
    'Use something else, or allow it in check.json.',
  ),
  'unused-required': error('The schema requires a property that nothing uses', 'Use it, or remove it.'),
  'unused-data': warning('The schema has a property that nothing uses', 'Use it, or remove it.'),
  'unused-string': warning('A locale has a string that nothing uses', 'Use it, or remove it.'),
} as const satisfies Record<string, Rule>;

/** The id of a rule. */
export type RuleId = keyof typeof rules;
