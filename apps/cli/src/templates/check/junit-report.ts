/**
 * The findings of `templates check` as JUnit XML, which every CI shows as tests: one test for each template, and one for what belongs to
 * none. A warning is a failure where the check is strict; otherwise it is output of its test.
 */
import type { Finding } from '@posthouse/templates/check';
import { type CheckReport, pathOf, sentenceOf } from './check-report.ts';

export function junitReport(report: CheckReport): string {
  const { findings, names, strict } = report;
  const isFailure = ({ severity }: Finding) => severity === 'error' || strict;
  const groups = new Map<string, Finding[]>([...names].map((name) => [name, []]));
  for (const finding of findings) {
    const name = groups.has(finding.template) ? finding.template : 'template set';
    groups.set(name, [...(groups.get(name) ?? []), finding]);
  }
  const failures = findings.filter(isFailure).length;
  const cases = [...groups].map(([name, own]) => {
    const failed = own.filter(isFailure).map((finding) => {
      const at = `${pathOf(report, finding)}:${finding.line}`;
      const message = attribute(`${at} ${finding.message}`);
      return `      <failure type="${finding.rule}" message="${message}">${text(`${at}\n${sentenceOf(finding)}\n${finding.fix}`)}</failure>\n`;
    });
    const warnings = own
      .filter((finding) => !isFailure(finding))
      .map((finding) => `${pathOf(report, finding)}:${finding.line} ${finding.message}`);
    const output = warnings.length === 0 ? '' : `      <system-out>${text(warnings.join('\n'))}</system-out>\n`;
    return `    <testcase name="${attribute(name)}" classname="templates">\n${failed.join('')}${output}    </testcase>\n`;
  });
  const counts = `tests="${groups.size}" failures="${failures}" errors="0"`;
  return `<?xml version="1.0" encoding="UTF-8"?>\n<testsuites ${counts}>\n  <testsuite name="templates check" ${counts}>\n${cases.join('')}  </testsuite>\n</testsuites>`;
}

/** Without what XML 1.0 cannot contain (section 2.2). */
function text(value: string): string {
  return value
    .replaceAll(/[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\u{10000}-\u{10ffff}]/gu, '\ufffd')
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;');
}

function attribute(value: string): string {
  return text(value).replaceAll('"', '&quot;').replaceAll(/\s+/g, ' ');
}
