/** One mail: its sender and recipients, and its content as HTML, text, headers or source. */
import { addressText, attachmentText, frameSandbox, type MessageView, type View, views, type Width, widths } from '@posthouse/mailview';
import { Layout } from '../site/layout.tsx';
import type { PageContext } from '../site/page-context.ts';
import type { ReceivedMail } from './inbox.ts';

/** A mail and how to show it. */
export interface MailPageProps {
  context: PageContext;
  mail: ReceivedMail;
  /** Undefined for a malformed message. */
  message: MessageView | undefined;
  view: View;
  width: Width;
}

/** The page shows this much of the source; the download has all of it. */
const maxSourceKilobytes = 64;

export function MailPage(props: MailPageProps): JSX.Element {
  const { context, mail, message } = props;
  const { translations } = context;
  const subject = mail.subject || translations.noSubject;
  return (
    <Layout context={context} title={subject} current="/inbox">
      <article class="mail">
        <h1 safe>{subject}</h1>
        <Details context={context} mail={mail} message={message} />
        <ViewTabs {...props} />
        <Content {...props} />
      </article>
    </Layout>
  );
}

function Details({ context, mail, message }: Pick<MailPageProps, 'context' | 'mail' | 'message'>): JSX.Element {
  const { translations, formatTime } = context;
  const details = [
    { name: translations.from, value: addressText(message?.from === undefined ? [] : [message.from]) },
    { name: translations.to, value: addressText(message?.to) },
    { name: 'Cc', value: addressText(message?.cc) },
    { name: translations.receivedAt, value: formatTime(new Date(mail.at)) },
    { name: translations.envelope, value: `${mail.from} → ${mail.to.join(', ')}` },
    { name: translations.attachments, value: (message?.attachments ?? []).map(attachmentText).join(', ') },
  ];
  return (
    <dl class="details">
      {details
        .filter(({ value }) => value !== '')
        .map(({ name, value }) => (
          <Detail name={name} value={value} />
        ))}
    </dl>
  );
}

function Detail({ name, value }: { name: string; value: string }): JSX.Element {
  return (
    <div>
      <dt safe>{name}</dt>
      <dd safe>{value}</dd>
    </div>
  );
}

function ViewTabs({ context, mail, view, width }: MailPageProps): JSX.Element {
  const { translations, link } = context;
  const path = `/inbox/${mail.id}`;
  return (
    <div class="tabs">
      <nav class="choices" aria-label={translations.views}>
        {views.map((option) => (
          <a href={link(path, { view: option, width })} aria-current={option === view ? 'page' : undefined} safe>
            {translations.view[option]}
          </a>
        ))}
      </nav>
      {view === 'html' && (
        <nav class="choices" aria-label={translations.widths}>
          {widths.map((option) => (
            <a href={link(path, { view, width: option })} aria-current={option === width ? 'true' : undefined} safe>
              {translations.width[option]}
            </a>
          ))}
        </nav>
      )}
      {view === 'source' && (
        <a href={`${path}/source`} download={`${mail.id}.eml`} safe>
          {translations.download}
        </a>
      )}
    </div>
  );
}

function Content({ context, mail, message, view, width }: MailPageProps): JSX.Element {
  const { translations } = context;
  if (view === 'source') return <Source context={context} raw={mail.raw} />;
  if (message === undefined) return <p safe>{translations.unreadable}</p>;
  if (view === 'headers') {
    return (
      <dl class="panel headers">
        {message.headers.map(({ name, value }) => (
          <Detail name={name} value={value} />
        ))}
      </dl>
    );
  }
  const part = message[view];
  if (part === undefined) return <p safe>{translations.noPart[view]}</p>;
  if (view === 'text')
    return (
      <pre class="panel" safe>
        {part}
      </pre>
    );
  return (
    <div class="frame-area">
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
  const shown = raw.subarray(0, maxSourceKilobytes * 1024);
  return (
    <>
      {shown.length < raw.length && <p safe>{context.translations.truncated(maxSourceKilobytes)}</p>}
      <section class="panel source" aria-label={context.translations.view.source} tabindex="0">
        <pre safe>{shown.toString()}</pre>
      </section>
    </>
  );
}
