/** The list of the mails that have arrived. */
import { EmptyState } from '@posthouse/web';
import { Layout } from '../site/layout.tsx';
import type { PageContext } from '../site/page-context.ts';
import type { ReceivedMail } from './inbox.ts';

/** What the page and its updates show. */
export interface InboxProps {
  context: PageContext;
  /** Newest first. */
  mails: readonly ReceivedMail[];
}

/** @param count how many mails there are, as the page says it */
export function InboxPage({ context, mails, count }: InboxProps & { count: string }): JSX.Element {
  return (
    <Layout context={context} title={context.translations.inbox} style="inbox.css" current="/inbox" events={context.link('/inbox/events')}>
      <div class="row inbox-head">
        <h1 safe>{context.translations.inbox}</h1>
        <p id="count" class="muted" role="status" safe>
          {count}
        </p>
      </div>
      <div id="mails" class="card">
        <MailList context={context} mails={mails} />
      </div>
    </Layout>
  );
}

/** The part of the page that is updated when a mail arrives. */
export function MailList({ context, mails }: InboxProps): JSX.Element {
  const { translations, link } = context;
  if (mails.length === 0) {
    return (
      <EmptyState title={translations.inboxEmpty}>
        <p class="muted" safe>
          {translations.inboxEmptyAdvice}
        </p>
        <a class="button" href={link('/')} safe>
          {translations.signUp}
        </a>
      </EmptyState>
    );
  }
  return (
    <ul class="mails">
      {mails.map((mail) => (
        <MailRow context={context} mail={mail} />
      ))}
    </ul>
  );
}

function MailRow({ context, mail }: { context: PageContext; mail: ReceivedMail }): JSX.Element {
  const { translations, link, time } = context;
  return (
    <li>
      <a id={`mail-${mail.id}`} href={link(`/inbox/${mail.id}`)}>
        <b safe>{mail.subject || translations.noSubject}</b>
        <span class="muted" safe>
          {mail.to.join(', ')}
        </span>
        <time class="muted number" datetime={new Date(mail.at).toISOString()} data-zoned safe>
          {time.dateTime(mail.at)}
        </time>
      </a>
    </li>
  );
}
