/** The list of what has arrived. */
import type { ArrivedMail } from '../inbox.ts';
import type { Reader } from '../reader.ts';
import { Layout } from './layout.tsx';

/** Who reads, and what there is. */
export interface InboxProps {
  reader: Reader;
  /** Newest first. */
  mails: readonly ArrivedMail[];
}

/** The whole page. */
export function InboxPage({ reader, mails }: InboxProps): JSX.Element {
  return (
    <Layout reader={reader} title={reader.words.inbox} here="/inbox" events={reader.link('/inbox/events')}>
      <div class="title">
        <h1 safe>{reader.words.inbox}</h1>
        <p id="count" class="soft" role="status" safe>
          {reader.words.mails(mails.length)}
        </p>
      </div>
      <div id="mails" class="card">
        <MailList reader={reader} mails={mails} />
      </div>
    </Layout>
  );
}

/** The part of the page that changes when a mail arrives. */
export function MailList({ reader, mails }: InboxProps): JSX.Element {
  const { words, link } = reader;
  if (mails.length === 0) {
    return (
      <div class="empty">
        <span class="lit" aria-hidden="true"></span>
        <p>
          <b safe>{words.inboxEmpty}</b>
        </p>
        <p class="soft" safe>
          {words.inboxEmptyAdvice}
        </p>
        <a class="button" href={link('/')} safe>
          {words.join}
        </a>
      </div>
    );
  }
  return (
    <ul class="mails">
      {mails.map((mail) => (
        <MailLine reader={reader} mail={mail} />
      ))}
    </ul>
  );
}

function MailLine({ reader, mail }: { reader: Reader; mail: ArrivedMail }): JSX.Element {
  const { words, link, moment } = reader;
  const at = new Date(mail.at);
  return (
    <li>
      <a id={`mail-${mail.id}`} href={link(`/inbox/${mail.id}`)}>
        <b safe>{mail.subject || words.noSubject}</b>
        <span class="soft" safe>
          {mail.to.join(', ')}
        </span>
        <time class="soft" datetime={at.toISOString()} safe>
          {moment(at)}
        </time>
      </a>
    </li>
  );
}
