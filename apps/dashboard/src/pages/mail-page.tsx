/** One mail: what became of it, what can be done, and what it says. */

import type { MailRecord } from '@posthouse/contract';
import { addressText } from '@posthouse/mailview';
import { PageHead } from '@posthouse/web';
import type { ActionFlash } from '../flash-cookie.ts';
import { canStillChange } from '../mail-watch.ts';
import type { PageContext } from '../page-context.ts';
import { Layout } from './layout.tsx';
import { Live, liveAssets } from './live.tsx';
import { ActionNotice } from './mail-action-forms.tsx';
import { MailData } from './mail-data.tsx';
import { MailMessageCard, type MailMessageProps } from './mail-message-card.tsx';
import { MailStatusSection } from './mail-status.tsx';

/** What to show. */
export interface MailPageProps {
  context: PageContext;
  record: MailRecord;
  /** What it says, and how to show it. */
  content: MailMessageProps;
  /** What came of a wish that led to this page. */
  flash?: ActionFlash | undefined;
}

/** The whole page. */
export function MailPage({ context, record, content, flash }: MailPageProps): JSX.Element {
  const { message } = content;
  const title = message.seen === 'message' && message.message.subject !== '' ? message.message.subject : untitled(record);
  const now = <MailStatusSection context={context} record={record} />;
  return (
    <Layout context={context} title={title} here="/mails" assets={['mail.css', ...(canStillChange(record.state) ? liveAssets : [])]}>
      <PageHead title={title} below={`to ${recipientsOf(record)}, from ${addressText([record.envelope.from])}`} />
      {flash !== undefined && <ActionNotice {...flash} state={record.state} />}
      {canStillChange(record.state) ? <Live from={`/mails/${record.id}/live`}>{now}</Live> : <div class="stack">{now}</div>}
      <MailMessageCard {...content} />
      {message.seen !== 'wiped' && message.data !== undefined && (
        <MailData title="Data of the template" below="What the template calls sensitive is masked." data={message.data} />
      )}
      {record.metadata !== undefined && <MailData title="Metadata" below="The caller's own; it is never sent." data={record.metadata} />}
    </Layout>
  );
}

function untitled({ template }: MailRecord): string {
  return template === undefined ? 'A mail' : `A mail of the template ${template}`;
}

/** The first two of them. */
function recipientsOf({ recipients }: MailRecord): string {
  const named = recipients.slice(0, 2).map(({ address }) => address);
  const more = recipients.length - named.length;
  return more === 0 ? named.join(' and ') : `${named.join(', ')} and ${more} more`;
}
