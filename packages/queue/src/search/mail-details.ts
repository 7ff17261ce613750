/** What lists show beside the summaries of mails: their contents, for the subject, and the names that a filter can have. */
import { type KeptContent, limits, type MailContent } from '@posthouse/contract';
import type { Redis } from 'ioredis';
import { RecordError } from '../record/record-error.ts';
import type { RecordFields } from '../record/record-fields.ts';
import { contentFrom } from '../record/sealed-values.ts';
import { contentPrefix, recordKey, recordPrefix, unfinishedKey } from '../redis/keys.ts';
import { runScript } from '../redis/script.ts';
import { readContents } from './search-scripts.ts';

/** What is stored of a mail's content: all of it, or what is kept of a sent mail. */
export type ListedContent = Pick<MailContent, 'template' | 'literal' | 'raw'> | Pick<KeptContent, 'template' | 'literal' | 'raw'>;

/** What the newest mails have, sorted. */
export interface MailNames {
  templates: string[];
  tags: string[];
  providers: string[];
  apiKeys: string[];
}

/**
 * The contents of mails, by id. Those that are deleted, cannot be opened, or have more than `limits.listedContentBytes` are left out.
 * `isKept`: it is of a sent mail, without its sensitive values.
 */
export async function readListedContents(
  redis: Redis,
  fields: RecordFields,
  ids: readonly string[],
): Promise<Map<string, { content: ListedContent; isKept: boolean }>> {
  const contents = new Map<string, { content: ListedContent; isKept: boolean }>();
  if (ids.length === 0) return contents;
  const args = { recordPrefix, contentPrefix, maxBytes: limits.listedContentBytes };
  const stored = await runScript(redis, readContents, { any: unfinishedKey }, args, ids);
  for (const [n, id] of ids.entries()) {
    const [whole, kept] = [stored[2 * n], stored[2 * n + 1]];
    try {
      if (whole?.length) contents.set(id, { content: contentFrom(fields.decrypt(id, 'content', whole)) as ListedContent, isKept: false });
      else if (kept?.length) contents.set(id, { content: fields.decrypt<KeptContent>(id, 'keptContent', kept), isKept: true });
    } catch (error) {
      // The page of the mail has the reason.
      if (!(error instanceof RecordError)) throw error;
    }
  }
  return contents;
}

/** The templates, tags, providers and API keys of some mails. */
export async function readNames(redis: Redis, ids: readonly string[]): Promise<MailNames> {
  const rows = await Promise.all(
    ids.map((id) => redis.hmget(recordKey(id), 'template', 'tags', 'provider', 'apiKey').catch(() => [] as (string | null)[])),
  );
  return {
    templates: distinct(rows.map(([template]) => template)),
    tags: distinct(rows.flatMap(([, tags]) => tagsIn(tags))),
    providers: distinct(rows.map(([, , provider]) => provider)),
    apiKeys: distinct(rows.map(([, , , apiKey]) => apiKey)),
  };
}

function tagsIn(json: string | null | undefined): string[] {
  try {
    const tags: unknown = JSON.parse(json ?? '[]');
    return Array.isArray(tags) ? tags.filter((tag) => typeof tag === 'string') : [];
  } catch {
    return [];
  }
}

function distinct(names: readonly (string | null | undefined)[]): string[] {
  return [...new Set(names)]
    .filter((name): name is string => typeof name === 'string' && name !== '')
    .slice(0, limits.filterChoices.names)
    .sort((a, b) => a.localeCompare(b, 'en'));
}
