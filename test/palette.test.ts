/** Web pages and mails share one palette: `packages/web/assets/tokens.css`. MJML cannot read it, so the mails repeat its values. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';

const root = fileURLToPath(new URL('..', import.meta.url));

it('mails use only colours of the palette', () => {
  const palette = new Set(coloursOf('packages/web/assets/tokens.css'));
  const files = readdirSync(join(root, 'templates'), { recursive: true, encoding: 'utf8' }).filter((file) => file.endsWith('.mjml'));
  const unknown = files.flatMap((file) =>
    coloursOf(join('templates', file))
      .filter((colour) => !palette.has(colour))
      .map((colour) => `templates/${file}: ${colour}`),
  );
  expect(unknown).toEqual([]);
});

function coloursOf(file: string): string[] {
  const text = readFileSync(join(root, file), 'utf8');
  return [...new Set([...text.matchAll(/(?<!&)#[0-9a-f]{6}\b/gi)].map(([colour]) => colour.toLowerCase()))];
}
