import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { isFinal } from '@posthouse/contract';
import { loadCatalogue } from '@posthouse/templates/catalogue';
import { expect, it } from 'vitest';
import { sampleHour } from '../src/sample-data/sample-data.ts';

const templatesDir = fileURLToPath(new URL('../../../templates', import.meta.url));
const now = Date.now();
const mails = sampleHour(now);

it('covers the last hour, with mails in every kind of state', () => {
  const states = new Set(mails.map(({ state }) => state));
  expect([...states].sort()).toEqual(['failed', 'retrying', 'scheduled', 'sent', 'uncertain']);
  for (const { createdAt, endedAt, nextAttemptAt, state } of mails) {
    expect(createdAt).toBeGreaterThan(now - 65 * 60_000);
    // As every time of a record is: the list of mails asks what came after one.
    expect([createdAt, endedAt ?? 0, nextAttemptAt ?? 0].every(Number.isInteger)).toBe(true);
    expect(Math.max(createdAt, endedAt ?? 0)).toBeLessThanOrEqual(now);
    expect(isFinal(state) || (nextAttemptAt ?? 0) > now).toBe(true);
  }
  expect(new Set(mails.map(({ id }) => id)).size).toBe(mails.length);
});

it('can be sent again: the data of every mail is valid for its template', async () => {
  const catalogue = await loadCatalogue(templatesDir);
  for (const { content } of mails) {
    if (content?.template) expect([...catalogue.check(content.template.name, content.template.data)]).toEqual([]);
  }
});

it('keeps of a sent mail what a worker would keep', async () => {
  const catalogue = await loadCatalogue(templatesDir);
  const kept = mails.flatMap(({ keptContent }) => keptContent?.template ?? []);
  expect(new Set(kept.map(({ name, locale }) => `${name} ${locale}`)).size).toBe(6);
  for (const { name, locale, data, subject, omitted } of kept) {
    const { subject: source } = JSON.parse(readFileSync(join(templatesDir, name, 'locales', `${locale}.json`), 'utf8'));
    expect(subject).toBe(source.replace('{{orderId}}', data['orderId']));
    expect([data, omitted]).toEqual([catalogue.masked(name, data), catalogue.sensitiveIn(name, data)]);
  }
});
