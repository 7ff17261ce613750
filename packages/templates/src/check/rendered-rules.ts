/** What is wrong with the HTML of samples: elements that do not nest, contrast, size. */
import { limits } from '@posthouse/contract';
import type { TemplateAnalysis } from '../compiled-template.ts';
import type { Tag } from '../markup.ts';
import type { TemplateIssue } from '../template-error.ts';
import type { TemplateFolder } from '../template-set.ts';
import { lowContrasts } from './contrast.ts';
import { nestingIssues } from './nesting.ts';
import { hasMark, type SourceMarks, withoutMarks } from './source-marks.ts';

/** @param marks those in the HTML of `analysis.marked` */
export function renderedIssues({ template }: TemplateFolder, analysis: TemplateAnalysis, marks: SourceMarks): TemplateIssue[] {
  const { marked, sources } = analysis;
  const entry = { file: `${template.name}/template.mjml`, line: 1, column: 1 };
  const issues: TemplateIssue[] = [];
  if (marked === undefined) return issues;
  for (const [sample, data] of Object.entries(template.samples)) {
    for (const locale of template.locales) {
      const html = htmlOf(() => marked.render(data, locale).html);
      if (html === undefined) continue;
      const bytes = Buffer.byteLength(withoutMarks(html));
      if (bytes > limits.clippedHtmlBytes) {
        const message = `has ${Math.ceil(bytes / 1024)} KB of HTML with the sample ${sample} in ${locale}, and Gmail cuts it after 102 KB`;
        issues.push({ rule: 'html-size', ...entry, message, fix: 'Shorten the template, or the list that it shows.', sample, locale });
      }
      // Strings are escaped: they change neither elements nor colours.
      if (locale !== template.defaultLocale) continue;
      // The mark of a closing tag is before it.
      const markedText = ({ kind, start, end }: Tag) => (kind === 'close' ? html.slice(start - 2, start) : html.slice(start, end));
      for (const { tag, message } of nestingIssues(html, (each) => hasMark(markedText(each)))) {
        const position = marks.locate(markedText(tag), sources) ?? entry;
        const fix = 'Close every element where it ends, the innermost first.';
        issues.push({ rule: 'html-nesting', ...position, message, fix, sample });
      }
      for (const low of lowContrasts(html)) {
        const position = marks.locate(low.text, sources) ?? entry;
        const message = `shows ${low.color} on ${low.background} in ${low.scheme}, a contrast of ${low.ratio}, and this text needs ${low.required}`;
        const fix = low.scheme === 'light' ? 'Use a darker or a lighter colour.' : 'Set its colours for prefers-color-scheme: dark.';
        issues.push({ rule: `contrast-${low.scheme}`, ...position, message, fix, sample });
      }
    }
  }
  return issues;
}

/** Undefined where the sample does not render: that is an issue already. */
function htmlOf(render: () => string): string | undefined {
  try {
    return render();
  } catch {
    return undefined;
  }
}
