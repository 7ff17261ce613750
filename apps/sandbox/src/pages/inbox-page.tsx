/** The list of what has arrived. */
import type { ArrivedMail } from '../inbox.ts';
import type { PageContext } from '../page-context.ts';
import { Layout } from './layout.tsx';

/** Who reads, and what there is. */
export interface InboxProps {
  context: PageContext;
  /** Newest first. */
  mails: readonly ArrivedMail[];
}

/** The whole page. */
export function InboxPage({ context, mails }: InboxProps): JSX.Element {
  return (
    <Layout context={context} title={context.translations.inbox} here="/inbox" events={context.link('/inbox/events')}>
      <div class="title">
        <h1 safe>{context.translations.inbox}</h1>
        <p id="count" class="soft" role="status" safe>
          {context.translations.mails(mails.length)}
        </p>
      </div>
      <div id="mails" class="card">
        <MailList context={context} mails={mails} />
      </div>
    </Layout>
  );
}

/** The part of the page that changes when a mail arrives. */
export function MailList({ context, mails }: InboxProps): JSX.Element {
  const { translations, link } = context;
  if (mails.length === 0) {
    return (
      <div class="empty">
        <span class="lit" aria-hidden="true"></span>
        <p>
          <b safe>{translations.inboxEmpty}</b>
        </p>
        <p class="soft" safe>
          {translations.inboxEmptyAdvice}
        </p>
        <a class="button" href={link('/')} safe>
          {translations.join}
        </a>
      </div>
    );
  }
  return (
    <ul class="mails">
      {mails.map((mail) => (
        <MailLine context={context} mail={mail} />
      ))}
    </ul>
  );
}

function MailLine({ context, mail }: { context: PageContext; mail: ArrivedMail }): JSX.Element {
  const { translations, link, moment } = context;
  const at = new Date(mail.at);
  return (
    <li>
      <a id={`mail-${mail.id}`} href={link(`/inbox/${mail.id}`)}>
        <b safe>{mail.subject || translations.noSubject}</b>
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
