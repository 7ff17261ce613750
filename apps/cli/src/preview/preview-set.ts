/** The states that a template set has, and the data of each. */
import { createHash } from 'node:crypto';
import type { LazyTemplate, LazyTemplates } from '@posthouse/templates/lazy';
import { type HardCase, hardCase, hardCases } from './hard-cases.ts';
import type { MailState } from './preview-state.ts';

/** A template and the mails of it that can be looked at. */
export interface TemplateStates {
  name: string;
  template: LazyTemplate['template'];
  states: readonly MailState[];
  /** Of its JSON: with any, there are no states. */
  issues: LazyTemplate['issues'];
}

/** The states of a template, without compiling it. */
export function statesOf({ name, template, issues }: LazyTemplate): TemplateStates {
  const samples = issues.length > 0 ? [] : Object.keys(template.samples);
  const states = samples.flatMap((sample) => template.locales.map((locale) => ({ template: name, sample, locale })));
  return { name, template, states, issues };
}

/** The states of all templates. */
export function allStates(templates: LazyTemplates): TemplateStates[] {
  return templates.names.flatMap((name) => templates.uncompiled(name) ?? []).map(statesOf);
}

/** The data of each hard case of a template, for as long as the template stays as it is. */
const hardData = new WeakMap<LazyTemplate, ReadonlyMap<string, Record<string, unknown>>>();

/** The states of a template's hard cases. It has to be compiled: its schema decides which differ from the first sample. */
export function hardStatesOf(compiled: LazyTemplate): MailState[] {
  const { name, template } = compiled;
  return [...hardCasesOf(compiled).keys()].flatMap((sample) => template.locales.map((locale) => ({ template: name, sample, locale })));
}

/** The data of a sample or of a hard case; undefined where the template has none of that name. */
export function dataOf(compiled: LazyTemplate, sample: string): Record<string, unknown> | undefined {
  const { samples } = compiled.template;
  return Object.hasOwn(samples, sample) ? samples[sample] : hardCasesOf(compiled).get(sample);
}

function hardCasesOf(compiled: LazyTemplate): ReadonlyMap<string, Record<string, unknown>> {
  const known = hardData.get(compiled);
  if (known !== undefined) return known;
  const { name, template, renderer } = compiled;
  const [first] = Object.values(template.samples);
  const found = new Map<string, Record<string, unknown>>();
  for (const each of Object.keys(hardCases) as HardCase[]) {
    if (first === undefined || renderer === undefined) break;
    const data = hardCase(each, template.schema, first, {
      check: (value) => renderer.catalogue.check(name, value),
      render: (value) => void renderer.render(name, value),
    });
    if (data !== undefined) found.set(each, data);
  }
  hardData.set(compiled, found);
  return found;
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
