/** What a template set says about its own check: the file `check.json` in its folder. */
import { checker } from '@posthouse/contract';
import type { TemplateIssue } from '../template-error.ts';
import type { TemplateFiles } from '../template-files.ts';
import { clientsNamed } from './mail-clients.ts';

/** The content of `check.json`; every field is optional there. */
export interface CheckConfig {
  /** The clients that the mails are written for, as names of caniemail.com; `*` stands for any part of one. */
  readonly clients: readonly string[];
  /** The share of them, from 0 to 1, up to which a client may lack a feature. */
  readonly maxUnsupported: number;
  /** Features, as caniemail.com names them, that the mails may use although clients lack them. */
  readonly allow: readonly string[];
}

const file = 'check.json';

const defaults: CheckConfig = { clients: ['gmail.*', 'outlook.*', 'apple-mail.*', 'yahoo.*'], maxUnsupported: 0.25, allow: [] };

const texts = { type: 'array', uniqueItems: true, items: { type: 'string', pattern: '.' } };

const schema = {
  type: 'object',
  additionalProperties: false,
  properties: { clients: texts, maxUnsupported: { type: 'number', minimum: 0, maximum: 1 }, allow: texts },
};

/** @param issues receives what is wrong with the file; then the defaults are used */
export function readCheckConfig(files: TemplateFiles, issues: TemplateIssue[]): CheckConfig {
  if (!files.has(file)) return defaults;
  const config = files.json(file, issues);
  if (config === undefined) return defaults;
  const found = checker(schema)(config);
  for (const { pointer, message } of found) {
    const fix = 'The fields are clients, maxUnsupported and allow: see docs/template-rules.md.';
    issues.push({ rule: 'check-config', file, ...files.position(file, pointer), message: `${pointer || 'as a whole'} ${message}`, fix });
  }
  if (found.length > 0) return defaults;
  const { clients = [] } = config as Partial<CheckConfig>;
  for (const [index, client] of clients.entries()) {
    if (clientsNamed(client).length > 0) continue;
    const fix = 'Write a name such as gmail.ios or outlook.*: docs/template-rules.md lists them.';
    const message = `/clients has ${client}, which is no mail client`;
    issues.push({ rule: 'check-config', file, ...files.position(file, `/clients/${index}`), message, fix });
  }
  return { ...defaults, ...(config as Partial<CheckConfig>) };
}
