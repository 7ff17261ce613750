/** Renders two states of a template set and finds the mails that differ. */
import type { RenderedMail, Renderer } from '@posthouse/templates/render';

/** A mail that differs. Without `before` it is new, without `after` it is gone. */
export interface ChangedMail {
  readonly template: string;
  readonly sample: string;
  readonly locale: string;
  readonly change: 'added' | 'removed' | 'changed';
  /** What differs, for `changed`. */
  readonly parts: readonly (keyof RenderedMail)[];
  readonly before?: RenderedMail;
  readonly after?: RenderedMail;
}

/** All mails of two states. */
export interface Comparison {
  readonly changed: readonly ChangedMail[];
  readonly unchanged: number;
}

/** Each template with each sample in each locale, as either state has them, in order of names. */
export function compareSets(before: Renderer, after: Renderer): Comparison {
  const changed: ChangedMail[] = [];
  let unchanged = 0;
  for (const key of union(states(before), states(after))) {
    const [template = '', sample = '', locale = ''] = key.split('/');
    const [old, present] = [before, after].map((renderer) => rendered(renderer, template, sample, locale));
    if (old === undefined && present === undefined) continue;
    const parts = (['subject', 'html', 'text'] as const).filter((part) => old?.[part] !== present?.[part]);
    if (parts.length === 0) unchanged += 1;
    else {
      const change = old === undefined ? 'added' : present === undefined ? 'removed' : 'changed';
      changed.push({ template, sample, locale, change, parts, ...(old && { before: old }), ...(present && { after: present }) });
    }
  }
  return { changed, unchanged };
}

function states({ catalogue }: Renderer): string[] {
  return [...catalogue.templates].flatMap(([template, { samples, locales }]) =>
    Object.keys(samples).flatMap((sample) => locales.map((locale) => `${template}/${sample}/${locale}`)),
  );
}

function rendered(renderer: Renderer, name: string, sample: string, locale: string): RenderedMail | undefined {
  const template = renderer.catalogue.templates.get(name);
  const data = template?.samples[sample];
  if (data === undefined || !template?.locales.includes(locale)) return undefined;
  return renderer.render(name, data, locale);
}

function union(first: readonly string[], second: readonly string[]): string[] {
  return [...new Set([...first, ...second])].sort();
}
