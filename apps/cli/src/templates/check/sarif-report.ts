/** The findings of `templates check` as SARIF 2.1.0, which code scanning of GitHub, GitLab and others reads. */
import type { rules as knownRules } from '@posthouse/templates/check';
import { type CheckReport, pathOf, sentenceOf } from './check-report.ts';

const schema = 'https://json.schemastore.org/sarif-2.1.0.json';

/** @param rules those of the check, by id */
export function sarifReport(report: CheckReport, rules: typeof knownRules): object {
  const ids = Object.keys(rules);
  return {
    $schema: schema,
    version: '2.1.0',
    runs: [
      {
        tool: {
          driver: {
            name: 'Posthouse templates check',
            version: report.version,
            rules: Object.entries(rules).map(([id, { meaning, fix, severity }]) => ({
              id,
              shortDescription: { text: `${meaning.replaceAll('`', '')}.` },
              help: { text: fix },
              defaultConfiguration: { level: severity },
            })),
          },
        },
        columnKind: 'utf16CodeUnits',
        results: report.findings.map((finding) => ({
          ruleId: finding.rule,
          ruleIndex: ids.indexOf(finding.rule),
          level: finding.severity,
          message: { text: `${sentenceOf(finding)} ${finding.fix}` },
          locations: [
            {
              physicalLocation: {
                artifactLocation: { uri: encodeURI(pathOf(report, finding)) },
                region: { startLine: finding.line, ...(finding.column !== undefined && { startColumn: finding.column }) },
              },
            },
          ],
          properties: {
            template: finding.template,
            ...(finding.sample !== undefined && { sample: finding.sample }),
            ...(finding.locale !== undefined && { locale: finding.locale }),
          },
        })),
      },
    ],
  };
}
