/** One mail, opened: its line in an inbox, its views, the form of its data, what is wrong with it, and the call that sends it. */

import { callIn, languages } from './call-snippets.ts';
import { DataFields } from './form-fields.tsx';
import { InboxLine, Stage, type StateProps, Views } from './mail-stage.tsx';
import { Layout } from './preview-layout.tsx';
import { type MailState, pathOf, stateUrl } from './preview-state.ts';
import { nameAdvice } from './save-sample.ts';
import type { FieldSchema } from './schema-field.ts';
import { sampleLabel } from './sheet-page.tsx';

/** The parts of the page that change with the data, by the id of their element. */
export async function regionsOf(props: StateProps): Promise<Record<string, string>> {
  return {
    inbox: await (<InboxLine {...props} />),
    views: await (<Views {...props} />),
    stage: await (<Stage {...props} />),
    call: await (<Call {...props} />),
  };
}

/** @param props with the revision: see LayoutProps */
export function StatePage({ revision, ...props }: StateProps & { revision: string }): JSX.Element {
  const { state, template, samples, data, previous, next } = props;
  const title = `${state.template}: ${sampleLabel(state.sample)}, ${state.locale}`;
  return (
    <Layout title={title} script="preview-state.js" revision={revision} bar={<StateBar {...props} />}>
      <h1 class="visually-hidden" safe>
        {title}
      </h1>
      <div class="state" data-render={`/_/render/${pathOf(state)}`} data-template={state.template}>
        <div class="stack mail-side">
          <div id="inbox">
            <InboxLine {...props} />
          </div>
          <div id="views">
            <Views {...props} />
          </div>
          <div id="stage">
            <Stage {...props} />
          </div>
        </div>
        <aside class="stack data-side" aria-label="Data and checks">
          <section class="card side-card" aria-labelledby="findings-title">
            <h2 id="findings-title">Checks</h2>
            <div id="findings" data-findings={`/_/findings/${state.template}`} role="status">
              <p class="muted">Checking…</p>
            </div>
          </section>
          <section class="card side-card" aria-labelledby="data-title">
            <div class="row between">
              <h2 id="data-title">Data</h2>
              <button type="button" class="button quiet" id="reset" hidden>
                Back to the sample
              </button>
            </div>
            <form id="data-form" class="stack" autocomplete="off">
              <DataFields schema={template.schema as FieldSchema} data={data} />
            </form>
            <SaveForm state={state} isFirst={samples.length === 0} />
          </section>
          <section class="card side-card" aria-labelledby="send-title">
            <h2 id="send-title">Send me this</h2>
            <SendForm {...props} />
          </section>
          <section class="card side-card" aria-labelledby="call-title">
            <h2 id="call-title">The call that sends it</h2>
            <div id="call">
              <Call {...props} />
            </div>
          </section>
        </aside>
      </div>
      <nav class="keys muted" aria-label="Between pictures">
        {previous !== undefined && (
          <a id="previous" href={previous} rel="prev">
            Previous
          </a>
        )}
        {next !== undefined && (
          <a id="next" href={next} rel="next">
            Next
          </a>
        )}
        <span>
          <kbd>←</kbd> <kbd>→</kbd> between pictures <kbd>d</kbd> dark <kbd>w</kbd> width <kbd>1</kbd>–<kbd>6</kbd> views <kbd>Esc</kbd> all
        </span>
      </nav>
    </Layout>
  );
}

/** Where the page is: template, sample and language, each to be changed. */
function StateBar({ state, view, template, samples }: StateProps): JSX.Element {
  return (
    <div class="where">
      <a href={`/${state.template}`} safe>
        {state.template}
      </a>
      <form class="row" data-choose>
        {samples.length > 0 && (
          <select name="sample" aria-label="Sample">
            {samples.map((sample) => (
              <option value={stateUrl({ ...state, sample }, view)} selected={sample === state.sample} safe>
                {sampleLabel(sample)}
              </option>
            ))}
          </select>
        )}
        <select name="locale" aria-label="Language">
          {(template.locales.length > 0 ? template.locales : [state.locale]).map((locale) => (
            <option value={stateUrl({ ...state, locale }, view)} selected={locale === state.locale} safe>
              {locale}
            </option>
          ))}
        </select>
      </form>
    </div>
  );
}

function SaveForm({ state, isFirst }: { state: MailState; isFirst: boolean }): JSX.Element {
  return (
    <form id="save-form" class="save" data-action={`/_/samples/${pathOf(state)}`}>
      <div class="field">
        <label for="sample-name">Save as sample</label>
        <div class="row with-button">
          <input
            id="sample-name"
            name="name"
            autocomplete="off"
            spellcheck="false"
            placeholder="very-long-name"
            value={isFirst ? 'default' : undefined}
            pattern="[a-z0-9]+(-[a-z0-9]+)*"
            title={nameAdvice}
            required
          />
          <button type="submit" class="button quiet">
            Save
          </button>
        </div>
      </div>
      <p id="save-result" class="hint" role="status"></p>
    </form>
  );
}

function SendForm({ state, to, sendsThrough }: StateProps): JSX.Element {
  if (sendsThrough === undefined) {
    return (
      <p class="muted">
        Nothing is configured to send with. Set <code class="code">SMTP_URL</code> and <code class="code">MAIL_FROM</code>; or, for the
        inbox of a sandbox, <code class="code">POSTHOUSE_URL</code> and <code class="code">POSTHOUSE_KEY</code> as{' '}
        <code class="code">npm start</code> prints them. Then start the preview again.
      </p>
    );
  }
  return (
    <form id="send-form" data-action={`/_/send/${pathOf(state)}`}>
      <div class="field">
        <label for="send-to">To</label>
        <div class="row with-button">
          <input id="send-to" name="to" type="email" value={to} placeholder="you@example.com" required />
          <button type="submit" class="button">
            Send
          </button>
        </div>
      </div>
      <p class="hint" safe>{`Sent through ${sendsThrough}.`}</p>
      <p id="send-result" class="hint" role="status"></p>
    </form>
  );
}

function Call({ state, data }: StateProps): JSX.Element {
  const mail = { to: 'anne@example.com', template: state.template, locale: state.locale, data };
  return (
    <div class="calls">
      {languages.map((language, index) => (
        <details name="call" open={index === 0}>
          <summary>{language}</summary>
          <pre class="panel code" tabindex="0" safe>
            {callIn(language, mail)}
          </pre>
        </details>
      ))}
    </div>
  );
}
