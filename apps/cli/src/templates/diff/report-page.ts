/** What `templates diff` found, as one HTML file that loads nothing and runs no script, neither its own nor that of a mail. */
import type { ChangedMail, Comparison } from './compare-sets.ts';

const style = `
:root { color-scheme: light dark; font: 15px/1.5 system-ui, sans-serif; --line: #d5d7db; --muted: #60656f; --old: #b42318; --new: #067647; }
@media (prefers-color-scheme: dark) { :root { --line: #3a3f47; --muted: #a2a9b4; --old: #f97066; --new: #47cd89; } }
body { max-width: 1330px; margin: 0 auto; padding: 24px; }
h1 { font-size: 22px; } h2 { font-size: 17px; margin: 40px 0 8px; } p, figcaption, summary { color: var(--muted); margin: 4px 0; }
.sides { display: grid; grid-template-columns: repeat(auto-fit, minmax(320px, 1fr)); gap: 16px; }
figure { margin: 0; min-width: 0; } iframe { width: 100%; height: 720px; border: 1px solid var(--line); border-radius: 8px; background: #fff; }
pre { overflow: auto; max-height: 480px; padding: 12px; border: 1px solid var(--line); border-radius: 8px; font-size: 13px; white-space: pre-wrap; overflow-wrap: anywhere; }
del, ins { display: block; text-decoration: none; } del { color: var(--old); } del::before { content: '− '; } ins { color: var(--new); } ins::before { content: '+ '; }`;

/**
 * @param ref as it was typed
 * @param commit its hash
 * @param max mails that are shown; of further ones only the number
 */
export function reportPage(ref: string, commit: string, { changed, unchanged }: Comparison, max: number): string {
  const shown = changed.slice(0, max);
  const rest = changed.length > max ? `<p>${changed.length - max} more mails differ.</p>` : '';
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'; img-src data:">
<title>Mails that differ from ${escaped(ref)}</title>
<style>${style}</style>
</head>
<body>
<h1>Mails that differ from ${escaped(ref)}</h1>
<p>${changed.length} of ${changed.length + unchanged} mails differ from commit ${commit.slice(0, 12)}; ${unchanged} are the same.</p>
${shown.map(section).join('\n')}${rest}
</body>
</html>
`;
}

/** The name of a changed mail: in links, and of its picture. Unlike hyphens, dots are in no template's name, so no two mails share one. */
export function mailName({ template, sample, locale }: Pick<ChangedMail, 'template' | 'sample' | 'locale'>): string {
  return `${template}.${sample}.${locale}`;
}

function section(mail: ChangedMail): string {
  const { template, sample, locale, change, parts, before, after } = mail;
  const what = change === 'changed' ? `${parts.join(', ')} changed` : change;
  return `<section id="${escaped(mailName(mail))}">
<h2>${escaped(`${template} / ${sample} / ${locale}`)}: ${what}</h2>
<div class="sides">${[side('Before', before), side('After', after)].join('')}</div>
${parts.includes('text') ? `<details${parts.includes('html') ? '' : ' open'}><summary>Text</summary><pre>${lines(before?.text ?? '', after?.text ?? '')}</pre></details>` : ''}
</section>`;
}

function side(title: string, mail: ChangedMail['after']): string {
  if (mail === undefined) return `<figure><figcaption>${title}: none</figcaption></figure>`;
  const { subject, html } = mail;
  return `<figure><figcaption>${title}: <bdi>${escaped(subject)}</bdi></figcaption><iframe title="${title}" sandbox="" loading="lazy" srcdoc="${escaped(html)}"></iframe></figure>`;
}

/** Lines that one text has and the other has not, in place; where both begin or end alike, those lines are as they are. */
function lines(before: string, after: string): string {
  const [old, present] = [before.split('\n'), after.split('\n')];
  let start = 0;
  while (start < old.length && start < present.length && old[start] === present[start]) start += 1;
  let end = 0;
  while (end < old.length - start && end < present.length - start && old.at(-1 - end) === present.at(-1 - end)) end += 1;
  const marked = (tag: string, texts: string[]) => texts.map((text) => `<${tag}>${escaped(text)}</${tag}>`).join('');
  const same = (texts: string[]) => texts.map((text) => `${escaped(text)}\n`).join('');
  return [
    same(present.slice(0, start)),
    marked('del', old.slice(start, old.length - end)),
    marked('ins', present.slice(start, present.length - end)),
    same(present.slice(present.length - end)),
  ].join('');
}

function escaped(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;');
}
