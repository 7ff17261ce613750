/** What the check of a template found: on the contact sheet how much, and beside the picture of a mail each finding, errors first. */
import type { Finding } from '@posthouse/templates/check';
import { Icon } from '@posthouse/web';
import { type MailState, stateUrl, viewOf } from './preview-state.ts';
import { plural } from './sheet-page.tsx';

/** Findings of one template. */
export function Findings({ findings }: { findings: readonly Finding[] }): JSX.Element {
  if (findings.length === 0) {
    return (
      <p class="row finding good">
        <Icon name="accepted" /> Nothing is wrong with this template.
      </p>
    );
  }
  return (
    <ul class="issues">
      {errorsFirst(findings).map((finding) => (
        <li class={['finding', finding.severity === 'error' ? 'bad' : 'busy']}>
          <FindingText finding={finding} />
        </li>
      ))}
    </ul>
  );
}

/** How many errors and warnings a template has, with a link to the first mail that shows them. */
export function FindingCount({ findings, states }: { findings: readonly Finding[]; states: readonly MailState[] }): JSX.Element {
  const [first] = errorsFirst(findings);
  if (first === undefined) {
    return (
      <span class="count good">
        <Icon name="accepted" /> No findings
      </span>
    );
  }
  const errors = findings.filter(({ severity }) => severity === 'error').length;
  const warnings = findings.length - errors;
  const text = [errors && plural(errors, 'error'), warnings && plural(warnings, 'warning')].filter(Boolean).join(', ');
  const tone = errors > 0 ? 'bad' : 'busy';
  const shows = ({ sample, locale }: MailState) => (first.sample ?? sample) === sample && (first.locale ?? locale) === locale;
  const state = states.find(shows) ?? states[0];
  // Without a mail to open, the contact sheet has the issues themselves.
  if (state === undefined) {
    return (
      <span class={['count', tone]}>
        <Icon name="alert" /> <span safe>{text}</span>
      </span>
    );
  }
  return (
    <a class={['count', tone]} href={`${stateUrl(state, viewOf({}))}#findings-title`}>
      <Icon name="alert" /> <span safe>{text}</span>
    </a>
  );
}

function errorsFirst(findings: readonly Finding[]): Finding[] {
  return findings.toSorted((one, other) => Number(one.severity === 'warning') - Number(other.severity === 'warning'));
}

function FindingText({ finding }: { finding: Finding }): JSX.Element {
  const { severity, rule, file, line, message, fix, sample, locale } = finding;
  const where = [sample, locale].filter((part) => part !== undefined).join(', ');
  return (
    <>
      <p>
        <b>{severity === 'error' ? 'Error' : 'Warning'}</b>{' '}
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
