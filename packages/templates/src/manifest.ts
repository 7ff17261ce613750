/**
 * The format of `template.json`. Unknown fields are rejected, so that a misspelt `sensitive` cannot leave a secret unmasked.
 */
import {
  checker,
  durationPattern,
  type Priority,
  priorities,
  type SchemaCheck,
  type UncertainPolicy,
  uncertainPolicies,
} from '@posthouse/contract';

/** The content of a valid `template.json`. */
export interface Manifest {
  /** BCP 47 tag. The locale of mails that request none, or one that the template does not have. */
  defaultLocale: string;
  /** With mustaches. A locale's `subject` overrides it; one of the two is required. */
  subject?: string;
  /** The line that an inbox shows next to the subject, with mustaches. Overridden and required like `subject`. */
  preheader?: string;
  /** Sender, such as `Posthouse <hello@example.com>`. By default that of the mail or of the configuration. */
  from?: string;
  /** JSON Schema of the data. */
  schema: Record<string, unknown>;
  /**
   * JSON pointers (RFC 6901) to the data that is masked wherever content is displayed, and not kept once a mail is sent. An empty list
   * states that there is none; without the field nothing is kept.
   */
  sensitive?: string[];
  /** `false`: nothing of a mail's content is kept once it is sent. */
  keepContent?: boolean;
  /** For mails that do not set one. */
  priority?: Priority;
  /** For mails that do not set it: what happens when the outcome of a delivery attempt is unknown. */
  onUncertain?: UncertainPolicy;
  /** For mails that do not set `expiresAt`: when they expire after they are due, such as `30m`, `24h` or `3d`. */
  expiresIn?: string;
}

/** Names of templates and of strings. */
export const namePattern = '^[a-z][a-zA-Z0-9]*(-[a-z0-9]+)*$';

/** Locale tags, as in file names: `ko`, `pt-BR`. */
export const localePattern = '^[a-z]{2,3}(-[A-Za-z0-9]{2,8})*$';

const singleLine = { type: 'string', minLength: 1, pattern: '^[^\\u0000-\\u001f]*$' };

const manifestSchema = {
  type: 'object',
  additionalProperties: false,
  required: ['defaultLocale', 'schema'],
  properties: {
    defaultLocale: { type: 'string', pattern: localePattern },
    subject: singleLine,
    preheader: singleLine,
    from: singleLine,
    schema: {
      type: 'object',
      required: ['type', 'properties', 'additionalProperties'],
      properties: { type: { const: 'object' }, properties: { type: 'object' }, additionalProperties: { const: false } },
    },
    sensitive: { type: 'array', uniqueItems: true, items: { type: 'string', pattern: '^(/[^/]+)+$' } },
    keepContent: { type: 'boolean' },
    priority: { enum: priorities },
    onUncertain: { enum: uncertainPolicies },
    expiresIn: { type: 'string', pattern: durationPattern },
  },
};

const stringsSchema = { type: 'object', propertyNames: { pattern: namePattern }, additionalProperties: { type: 'string', minLength: 1 } };

/** Creates the check of `template.json`. */
export const manifestCheck = (): SchemaCheck => checker(manifestSchema);

/** Creates the check of a locale's strings: one object, not nested, with texts as values. */
export const stringsCheck = (): SchemaCheck => checker(stringsSchema);
