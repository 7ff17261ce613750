/** The states that a template set has, and the data of each. */
import { createHash } from 'node:crypto';
import type { LazyTemplate, LazyTemplates } from '@posthouse/templates/lazy';
import { type HardCase, hardCase, hardCases } from './hard-cases.ts';
import type { MailState } from './preview-state.ts';

/** A template and the mails of it that can be looked at. */
export interface TemplateStates {
  name: string;
  /** In the default locale, with its mustaches. */
  subject: string;
  states: readonly MailState[];
  /** Of its JSON: with any, there are no states. */
  issues: LazyTemplate['issues'];
}

/** The states of a template, without compiling it. */
export function statesOf({ name, template, issues }: LazyTemplate): TemplateStates {
  const samples = issues.length > 0 ? [] : Object.keys(template.samples);
  const states = samples.flatMap((sample) => template.locales.map((locale) => ({ template: name, sample, locale })));
  return { name, subject: template.subject, states, issues };
}

/** The states of all templates. */
export function allStates(templates: LazyTemplates): TemplateStates[] {
  return templates.names.flatMap((name) => templates.uncompiled(name) ?? []).map(statesOf);
}

/** The states of a template's hard cases. It has to be compiled: its schema decides which differ from the first sample. */
export function hardStatesOf({ name, template, renderer }: LazyTemplate): MailState[] {
  if (renderer === undefined) return [];
  const names = Object.keys(hardCases).filter((sample) => dataOf({ name, template, renderer, issues: [] }, sample) !== undefined);
  return names.flatMap((sample) => template.locales.map((locale) => ({ template: name, sample, locale })));
}

/** The data of a sample or of a hard case; undefined where the template has none of that name. */
export function dataOf({ name, template, renderer }: LazyTemplate, sample: string): Record<string, unknown> | undefined {
  const samples = template.samples;
  if (Object.hasOwn(samples, sample)) return samples[sample];
  const [first] = Object.values(samples);
  if (!Object.hasOwn(hardCases, sample) || first === undefined || renderer === undefined) return undefined;
  return hardCase(sample as HardCase, template.schema, first, {
    check: (data) => renderer.catalogue.check(name, data),
    render: (data) => void renderer.render(name, data),
  });
}

/** Identifies which states there are: a page of all of them is loaded again when it changes. */
export function structureOf(templates: readonly TemplateStates[]): string {
  const names = templates.map(({ name, states, issues }) => [
    name,
    issues.length > 0,
    states.map(({ sample, locale }) => [sample, locale]),
  ]);
  return createHash('sha256').update(JSON.stringify(names)).digest('base64url').slice(0, 12);
}
