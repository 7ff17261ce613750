import { fileURLToPath } from 'node:url';
import { isFinal } from '@posthouse/contract';
import { loadCatalogue } from '@posthouse/templates/catalogue';
import { expect, it } from 'vitest';
import { sampleHour } from '../src/sample-data/sample-data.ts';

const now = Date.now();
const mails = sampleHour(now);

it('covers the last hour, with mails in every kind of state', () => {
  const states = new Set(mails.map(({ state }) => state));
  expect([...states].sort()).toEqual(['failed', 'retrying', 'scheduled', 'sent', 'uncertain']);
  for (const { createdAt, endedAt, nextAttemptAt, state } of mails) {
    expect(createdAt).toBeGreaterThan(now - 65 * 60_000);
    expect(Math.max(createdAt, endedAt ?? 0)).toBeLessThanOrEqual(now);
    expect(isFinal(state) || (nextAttemptAt ?? 0) > now).toBe(true);
  }
  expect(new Set(mails.map(({ id }) => id)).size).toBe(mails.length);
});

it('can be sent again: the data of every mail is valid for its template', async () => {
  const catalogue = await loadCatalogue(fileURLToPath(new URL('../../../templates', import.meta.url)));
  for (const { content } of mails) {
    if (content?.template) expect([...catalogue.check(content.template.name, content.template.data)]).toEqual([]);
  }
});
