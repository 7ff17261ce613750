/** One mail: who wrote to whom, and what, in several views. */
import { addressText, attachmentText, frameSandbox, type MessageView, type View, views, type Width, widths } from '@posthouse/mailview';
import type { ArrivedMail } from '../inbox.ts';
import type { PageContext } from '../page-context.ts';
import { Layout } from './layout.tsx';

/** What to show, and how. */
export interface MailPageProps {
  context: PageContext;
  mail: ArrivedMail;
  /** Undefined for a message that cannot be taken apart. */
  message: MessageView | undefined;
  view: View;
  width: Width;
}

/** KB of the source that are shown; the rest can be downloaded. */
const sourceShown = 64;

/** The whole page. */
export function MailPage(props: MailPageProps): JSX.Element {
  const { context, mail, message } = props;
  const { translations } = context;
  const subject = mail.subject || translations.noSubject;
  return (
    <Layout context={context} title={subject} here="/inbox">
      <article class="mail">
        <h1 safe>{subject}</h1>
        <Facts context={context} mail={mail} message={message} />
        <Tabs {...props} />
        <Body {...props} />
      </article>
    </Layout>
  );
}

function Facts({ context, mail, message }: Pick<MailPageProps, 'context' | 'mail' | 'message'>): JSX.Element {
  const { translations, moment } = context;
  const facts = [
    { name: translations.from, value: addressText(message?.from === undefined ? [] : [message.from]) },
    { name: translations.to, value: addressText(message?.to) },
    { name: 'Cc', value: addressText(message?.cc) },
    { name: translations.arrived, value: moment(new Date(mail.at)) },
    { name: translations.envelope, value: `${mail.from} → ${mail.to.join(', ')}` },
    { name: translations.attachments, value: (message?.attachments ?? []).map(attachmentText).join(', ') },
  ];
  return (
    <dl class="facts">
      {facts
        .filter(({ value }) => value !== '')
        .map(({ name, value }) => (
          <Fact name={name} value={value} />
        ))}
    </dl>
  );
}

function Fact({ name, value }: { name: string; value: string }): JSX.Element {
  return (
    <div>
      <dt safe>{name}</dt>
      <dd safe>{value}</dd>
    </div>
  );
}

function Tabs({ context, mail, view, width }: MailPageProps): JSX.Element {
  const { translations, link } = context;
  const here = `/inbox/${mail.id}`;
  return (
    <div class="tabs">
      <nav class="choices" aria-label={translations.views}>
        {views.map((one) => (
          <a href={link(here, { view: one, width })} aria-current={one === view ? 'page' : undefined} safe>
            {translations.view[one]}
          </a>
        ))}
      </nav>
      {view === 'html' && (
        <nav class="choices" aria-label={translations.widths}>
          {widths.map((one) => (
            <a href={link(here, { view, width: one })} aria-current={one === width ? 'true' : undefined} safe>
              {translations.width[one]}
            </a>
          ))}
        </nav>
      )}
      {view === 'source' && (
        <a href={`${here}/source`} download={`${mail.id}.eml`} safe>
          {translations.download}
        </a>
      )}
    </div>
  );
}

function Body({ context, mail, message, view, width }: MailPageProps): JSX.Element {
  const { translations } = context;
  if (view === 'source') return <Source context={context} raw={mail.raw} />;
  if (message === undefined) return <p safe>{translations.unreadable}</p>;
  if (view === 'headers') {
    return (
      <dl class="sheet headers">
        {message.headers.map(({ name, value }) => (
          <Fact name={name} value={value} />
        ))}
      </dl>
    );
  }
  const part = message[view];
  if (part === undefined) return <p safe>{translations.noSuchView}</p>;
  if (view === 'text')
    return (
      <pre class="sheet" safe>
        {part}
      </pre>
    );
  return (
    <div class="desk">
      <div>
        <iframe
          class={`w${width}`}
          src={`/inbox/${mail.id}/html`}
          sandbox={frameSandbox}
          title={mail.subject || translations.noSubject}
        ></iframe>
      </div>
    </div>
  );
}

function Source({ context, raw }: { context: PageContext; raw: Buffer }): JSX.Element {
  const shown = raw.subarray(0, sourceShown * 1024);
  return (
    <>
      {shown.length < raw.length && <p safe>{context.translations.cut(sourceShown)}</p>}
      <section class="sheet source" aria-label={context.translations.view.source} tabindex="0">
        <pre safe>{shown.toString()}</pre>
      </section>
    </>
  );
}
