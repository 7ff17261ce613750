/** What the check of a template found, beside its picture: errors first, each with where it is and how to fix it. */
import type { Finding } from '@posthouse/templates/check';
import { Icon } from '@posthouse/web';

/** Findings of one template. */
export function Findings({ findings }: { findings: readonly Finding[] }): JSX.Element {
  if (findings.length === 0) {
    return (
      <p class="row finding good">
        <Icon name="accepted" /> Nothing is wrong with this template.
      </p>
    );
  }
  const sorted = findings.toSorted((one, other) => Number(one.severity === 'warning') - Number(other.severity === 'warning'));
  return (
    <ul class="issues">
      {sorted.map((finding) => (
        <li class={['finding', finding.severity === 'error' ? 'bad' : 'busy']}>
          <FindingText finding={finding} />
        </li>
      ))}
    </ul>
  );
}

function FindingText({ finding }: { finding: Finding }): JSX.Element {
  const { severity, rule, file, line, message, fix, sample, locale } = finding;
  const where = [sample, locale].filter((part) => part !== undefined).join(', ');
  return (
    <>
      <p>
        <b safe>{severity === 'error' ? 'Error' : 'Warning'}</b>{' '}
        <code class="code" safe>
          {line === undefined ? file : `${file}:${line}`}
        </code>{' '}
        <span safe>{`${message}.`}</span>
      </p>
      <p safe>{fix}</p>
      <p class="code" safe>{`${rule}${where === '' ? '' : ` · ${where}`}`}</p>
    </>
  );
}
