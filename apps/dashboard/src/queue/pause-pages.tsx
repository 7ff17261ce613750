/** The form of a pause, the page that confirms it, and the page that confirms its end. */
import type { MailCount, NewPause, Pause } from '@posthouse/queue';
import { ChoiceField, Fact, Facts, PageHead, TextField } from '@posthouse/web';
import { ActionForm } from '../ui/elements.tsx';
import { Layout } from '../ui/layout.tsx';
import type { PageContext } from '../ui/page-context.ts';
import { PausedBy, pauseName } from '../ui/system-notices.tsx';
import { Text, t } from '../ui/translate.ts';
import { type PauseFields, type PauseIssues, pauseLengths, scopeChoices } from './pause-request.ts';

/** What the form shows. */
export interface PauseFormProps {
  context: PageContext;
  fields: PauseFields;
  issues: PauseIssues;
  templates: readonly string[];
}

export function PauseFormPage({ context, fields, issues, templates }: PauseFormProps): JSX.Element {
  const scopes = Object.entries(scopeChoices).map(([value, label]) => ({ value, label: t(label) }));
  const lengths = pauseLengths.map(({ value, label }) => ({ value, label: t(label) }));
  const nameHint = t('Not needed for everything. Templates: {list}', { list: templates.join(', ') });
  return (
    <Layout context={context} title={t('New pause')} here="/queue">
      <PageHead
        title={t('New pause')}
        below={t('Mails are accepted and wait. They keep their order, use no attempt, and are sent when the pause ends.')}
      />
      <form class="card stack" action="/queue/pause">
        <div class="fields">
          <ChoiceField name="scope" label={t('What to pause')} choices={scopes} value={fields.scope} />
          <TextField name="name" label={t('Name')} value={fields.name} hint={nameHint} error={issues.name} />
          <TextField name="reason" label={t('Reason')} value={fields.reason} error={issues.reason} required />
          <ChoiceField name="minutes" label={t('How long')} choices={lengths} value={fields.minutes} />
        </div>
        <div class="row">
          <button type="submit" class="button" safe>
            {t('Continue')}
          </button>
          <a class="button quiet" href="/queue" safe>
            {t('Go back')}
          </a>
        </div>
      </form>
    </Layout>
  );
}

/** What is confirmed. */
export interface ConfirmPauseProps {
  context: PageContext;
  pause: Omit<NewPause, 'by'>;
  fields: PauseFields;
  /** Mails that it concerns now. */
  waiting: MailCount;
  /** Other providers, of a pause of one. */
  others: readonly string[];
}

export function ConfirmPausePage({ context, pause, fields, waiting, others }: ConfirmPauseProps): JSX.Element {
  const { scope, name, reason } = pause;
  const title = t('Pause: {what}?', { what: pauseName({ scope, name }) });
  const length = pauseLengths.find(({ value }) => value === fields.minutes) ?? pauseLengths[0];
  return (
    <Layout context={context} title={title} here="/queue">
      <PageHead title={title} />
      <section class="card stack">
        <Facts>
          <Fact name={t('Concerns now')}>
            <span safe>
              {waiting.exact
                ? t('{count, plural, one {# waiting mail} other {# waiting mails}}', { count: waiting.mails })
                : t('about {count, plural, one {# waiting mail} other {# waiting mails}}', { count: waiting.mails })}
            </span>
          </Fact>
          <Fact name={t('Effect')}>
            <span safe>{effectOf(scope, others)}</span>
          </Fact>
          <Fact name={t('Reason')}>
            <span safe>{reason}</span>
          </Fact>
          <Fact name={t('How long')}>
            <span safe>{t(length.label)}</span>
          </Fact>
        </Facts>
        <div class="row">
          <ActionForm action="/queue/pause" label={t('Pause')} kind="danger" icon="pause" fields={{ ...fields, scope, name }} />
          <a class="button quiet" href={`/queue/pause?${new URLSearchParams({ ...fields, change: 'yes' })}`} safe>
            {t('Go back')}
          </a>
        </div>
      </section>
    </Layout>
  );
}

function effectOf(scope: NewPause['scope'], others: readonly string[]): string {
  switch (scope) {
    case 'everything':
      return t('Workers take no mail within a few seconds. Mails that are being sent now are finished.');
    case 'provider':
      return others.length === 0
        ? t('No other provider is in use, so all mails wait.')
        : t('Other providers send the mails: {list}', { list: others.join(', ') });
    case 'domain':
      return t(
        'A mail waits as a whole while one of its recipients at this domain has not got it. Mails that are being sent now are finished.',
      );
    default:
      return t('These mails wait, and new ones too. Mails that are being sent now are finished.');
  }
}

/** Asks for confirmation before a pause ends. */
export function ConfirmEndPage({ context, pause }: { context: PageContext; pause: Pause }): JSX.Element {
  const title = t('End the pause: {what}?', { what: pauseName(pause) });
  return (
    <Layout context={context} title={title} here="/queue">
      <PageHead title={title} />
      <section class="card stack">
        <p>
          <PausedBy context={context} pause={pause} />
        </p>
        {pause.scope !== 'everything' && pause.scope !== 'provider' && (
          <p>
            <Text
              of="{count, plural, one {# paused mail is} other {# paused mails are}} sent within seconds, in the order in which they were due."
              values={{ count: pause.parked }}
            />
          </p>
        )}
        <div class="row">
          <ActionForm action={`/queue/pauses/${pause.id}/end`} label={t('End the pause')} icon="play" />
          <a class="button quiet" href="/queue" safe>
            {t('Go back')}
          </a>
        </div>
      </section>
    </Layout>
  );
}
