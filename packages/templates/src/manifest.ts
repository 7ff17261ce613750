/**
 * `template.json`: what a template is, apart from how it looks. An unknown field is a fault, so that a
 * misspelt `sensitive` cannot leave a secret in the open.
 */
import { checker, type Priority, priorities, type SchemaCheck, type UncertainPolicy, uncertainPolicies } from '@posthouse/contract';

/** `template.json`, once it has been checked. */
export interface Manifest {
  /** A BCP 47 tag: the language of a mail for which no locale, or none that we have, was asked. */
  defaultLocale: string;
  /** The mail's subject, with mustaches. A locale's own `subject` wins; one of the two must be there. */
  subject?: string;
  /** The line that an inbox shows beside the subject, with mustaches. As with `subject`. */
  preheader?: string;
  /** `Posthouse <hello@example.com>`; otherwise the sender that the mail or the configuration names. */
  from?: string;
  /** JSON Schema of the data. */
  schema: Record<string, unknown>;
  /** JSON pointers (RFC 6901) into the data, to what must be masked wherever content is shown. */
  sensitive?: string[];
  /** Of a mail that names none. */
  priority?: Priority;
  /** Of a mail that names none: what to do when nobody knows whether it arrived. */
  onUncertain?: UncertainPolicy;
  /** How long after it is due a mail that names no expiry is worth sending: `30m`, `24h`, `3d`. */
  expiresIn?: string;
}

/** A template's or a string's name. */
export const namePattern = '^[a-z][a-zA-Z0-9]*(-[a-z0-9]+)*$';

/** The tag of a locale as its file is named: `ko`, `pt-BR`. */
export const localePattern = '^[a-z]{2,3}(-[A-Za-z0-9]{2,8})*$';

const line = { type: 'string', minLength: 1, pattern: '^[^\\u0000-\\u001f]*$' };

const manifestSchema = {
  type: 'object',
  additionalProperties: false,
  required: ['defaultLocale', 'schema'],
  properties: {
    defaultLocale: { type: 'string', pattern: localePattern },
    subject: line,
    preheader: line,
    from: line,
    schema: {
      type: 'object',
      required: ['type', 'properties', 'additionalProperties'],
      properties: { type: { const: 'object' }, properties: { type: 'object' }, additionalProperties: { const: false } },
    },
    sensitive: { type: 'array', uniqueItems: true, items: { type: 'string', pattern: '^(/[^/]+)+$' } },
    priority: { enum: priorities },
    onUncertain: { enum: uncertainPolicies },
    expiresIn: { type: 'string', pattern: '^[1-9]\\d{0,3}[mhd]$' },
  },
};

const stringsSchema = { type: 'object', propertyNames: { pattern: namePattern }, additionalProperties: { type: 'string', minLength: 1 } };

/** An `expiresIn` in ms. */
export function durationMs(expiresIn: string): number {
  const unit = { m: 60_000, h: 3_600_000, d: 86_400_000 }[expiresIn.at(-1) as 'm' | 'h' | 'd'];
  return Number(expiresIn.slice(0, -1)) * unit;
}

/** Checks `template.json`. */
export const manifestCheck = (): SchemaCheck => checker(manifestSchema);

/** Checks the strings of a locale: one flat object of texts. */
export const stringsCheck = (): SchemaCheck => checker(stringsSchema);
