/** One mail: its sender and recipients, and its content as HTML, text, headers or source. */
import { addressText, attachmentText, frameSandbox, type MessageView, type View, views, type Width, widths } from '@posthouse/mailview';
import { Fact, Facts, Tabs } from '@posthouse/web';
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
  const subject = mail.subject || context.translations.noSubject;
  return (
    <Layout context={context} title={subject} style="inbox.css" current="/inbox">
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
  const { translations, time } = context;
  const before = [
    { name: translations.from, value: addressText(message?.from === undefined ? [] : [message.from]) },
    { name: translations.to, value: addressText(message?.to) },
    { name: 'Cc', value: addressText(message?.cc) },
  ];
  const after = [
    { name: translations.envelope, value: `${mail.from} → ${mail.to.join(', ')}` },
    { name: translations.attachments, value: (message?.attachments ?? []).map(attachmentText).join(', ') },
  ];
  return (
    <Facts>
      <TextFacts facts={before} />
      <Fact name={translations.receivedAt}>
        <time datetime={new Date(mail.at).toISOString()} data-zoned safe>
          {time.dateTime(mail.at)}
        </time>
      </Fact>
      <TextFacts facts={after} />
    </Facts>
  );
}

/** Those that have a value. */
function TextFacts({ facts }: { facts: readonly { name: string; value: string }[] }): JSX.Element {
  return (
    <>
      {facts
        .filter(({ value }) => value !== '')
        .map(({ name, value }) => (
          <Fact name={name}>
            <span safe>{value}</span>
          </Fact>
        ))}
    </>
  );
}

/** The views as links, so that the page works without script. */
function ViewTabs({ context, mail, view, width }: MailPageProps): JSX.Element {
  const { translations, link } = context;
  const path = `/inbox/${mail.id}`;
  return (
    <div class="row view-tabs">
      <Tabs
        label={translations.views}
        tabs={views.map((option) => ({
          name: translations.view[option],
          href: link(path, { view: option, width }),
          current: option === view,
        }))}
      />
      {view === 'html' && (
        <Tabs
          label={translations.widths}
          tabs={widths.map((option) => ({
            name: translations.width[option],
            href: link(path, { view, width: option }),
            current: option === width,
          }))}
        />
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
      <div class="panel">
        <Facts>
          {message.headers.map(({ name, value }) => (
            <Fact name={name}>
              <code class="code" safe>
                {value}
              </code>
            </Fact>
          ))}
        </Facts>
      </div>
    );
  }
  const part = message[view];
  if (part === undefined) return <p safe>{translations.noPart[view]}</p>;
  if (view === 'text') {
    return (
      <pre class="panel text" safe>
        {part}
      </pre>
    );
  }
  return (
    <div class="frame-area">
      <iframe
        class={`w${width}`}
        src={`/inbox/${mail.id}/html`}
        sandbox={frameSandbox}
        title={mail.subject || translations.noSubject}
      ></iframe>
    </div>
  );
}

function Source({ context, raw }: { context: PageContext; raw: Buffer }): JSX.Element {
  const shown = raw.subarray(0, maxSourceKilobytes * 1024);
  return (
    <>
      {shown.length < raw.length && <p safe>{context.translations.truncated(maxSourceKilobytes)}</p>}
      <section class="panel source" aria-label={context.translations.view.source} tabindex="0">
        <pre class="code" safe>
          {shown.toString()}
        </pre>
      </section>
    </>
  );
}
