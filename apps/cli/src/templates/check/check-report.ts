/** What the formats of `templates check` print. */
import type { Finding } from '@posthouse/templates/check';

/** The result of one check. */
export interface CheckReport {
  readonly findings: readonly Finding[];
  /** The templates that were checked. */
  readonly names: readonly string[];
  /** The folder of the set, relative to the working directory, with forward slashes; empty where they are the same. */
  readonly folder: string;
  /** Warnings are failures too. */
  readonly strict: boolean;
  /** Of Posthouse. */
  readonly version: string;
}

/** The path of a finding's file, relative to the working directory. */
export function pathOf({ folder }: CheckReport, { file }: Finding): string {
  if (file === '.') return folder || '.';
  return folder === '' ? file : `${folder}/${file}`;
}

/** How many findings have a severity. */
export function countOf(findings: readonly Finding[], severity: Finding['severity']): number {
  return findings.filter((finding) => finding.severity === severity).length;
}

/** What is wrong, as a sentence that starts with a capital. */
export function sentenceOf({ message }: Finding): string {
  return `${message.charAt(0).toUpperCase()}${message.slice(1)}.`;
}
