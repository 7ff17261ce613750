/** One mail: who wrote to whom, and what, in several views. */
import { addressText, attachmentText, frameSandbox, type MessageView, type View, views, type Width, widths } from '@posthouse/mailview';
import type { ArrivedMail } from '../inbox.ts';
import type { Reader } from '../reader.ts';
import { Layout } from './layout.tsx';

/** What to show, and how. */
export interface MailPageProps {
  reader: Reader;
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
  const { reader, mail, message } = props;
  const { words } = reader;
  const subject = mail.subject || words.noSubject;
  return (
    <Layout reader={reader} title={subject} here="/inbox">
      <article class="mail">
        <h1 safe>{subject}</h1>
        <Facts reader={reader} mail={mail} message={message} />
        <Tabs {...props} />
        <Body {...props} />
      </article>
    </Layout>
  );
}

function Facts({ reader, mail, message }: Pick<MailPageProps, 'reader' | 'mail' | 'message'>): JSX.Element {
  const { words, moment } = reader;
  const facts = [
    { name: words.from, value: addressText(message?.from === undefined ? [] : [message.from]) },
    { name: words.to, value: addressText(message?.to) },
    { name: 'Cc', value: addressText(message?.cc) },
    { name: words.arrived, value: moment(new Date(mail.at)) },
    { name: words.envelope, value: `${mail.from} → ${mail.to.join(', ')}` },
    { name: words.attachments, value: (message?.attachments ?? []).map(attachmentText).join(', ') },
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

function Tabs({ reader, mail, view, width }: MailPageProps): JSX.Element {
  const { words, link } = reader;
  const here = `/inbox/${mail.id}`;
  return (
    <div class="tabs">
      <nav class="choices" aria-label={words.views}>
        {views.map((one) => (
          <a href={link(here, { view: one, width })} aria-current={one === view ? 'page' : undefined} safe>
            {words.view[one]}
          </a>
        ))}
      </nav>
      {view === 'html' && (
        <nav class="choices" aria-label={words.widths}>
          {widths.map((one) => (
            <a href={link(here, { view, width: one })} aria-current={one === width ? 'true' : undefined} safe>
              {words.width[one]}
            </a>
          ))}
        </nav>
      )}
      {view === 'source' && (
        <a href={`${here}/source`} download={`${mail.id}.eml`} safe>
          {words.download}
        </a>
      )}
    </div>
  );
}

function Body({ reader, mail, message, view, width }: MailPageProps): JSX.Element {
  const { words } = reader;
  if (view === 'source') return <Source reader={reader} raw={mail.raw} />;
  if (message === undefined) return <p safe>{words.unreadable}</p>;
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
  if (part === undefined) return <p safe>{words.noSuchView}</p>;
  if (view === 'text')
    return (
      <pre class="sheet" safe>
        {part}
      </pre>
    );
  return (
    <div class="desk">
      <div>
        <iframe class={`w${width}`} src={`/inbox/${mail.id}/html`} sandbox={frameSandbox} title={mail.subject || words.noSubject}></iframe>
      </div>
    </div>
  );
}

function Source({ reader, raw }: { reader: Reader; raw: Buffer }): JSX.Element {
  const shown = raw.subarray(0, sourceShown * 1024);
  return (
    <>
      {shown.length < raw.length && <p safe>{reader.words.cut(sourceShown)}</p>}
      <section class="sheet source" aria-label={reader.words.view.source} tabindex="0">
        <pre safe>{shown.toString()}</pre>
      </section>
    </>
  );
}
