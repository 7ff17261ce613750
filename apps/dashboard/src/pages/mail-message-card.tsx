/** What a mail says, in several views that are chosen by links. Its HTML is shown by a document of its own, in a frame that may do nothing. */

import type { OutgoingMessage } from '@posthouse/delivery';
import { attachmentText, frameSandbox, type View, type ViewedHeader, views, type Width, widths } from '@posthouse/mailview';
import { EmptyState, Facts, Notice, Tabs } from '@posthouse/web';
import type { MailMessage } from '../mail-message.ts';
import type { PageContext } from '../page-context.ts';
import { CodeFact } from './mail-facts.tsx';

/** What to show, and how. */
export interface MailMessageProps {
  context: PageContext;
  id: string;
  message: MailMessage;
  /** Where the template set is another one than the mail's. */
  templateSetNotice: string | undefined;
  view: View;
  width: Width;
  remoteImages: boolean;
  /** As it would go out, for the views that show that. */
  bytes: Buffer | undefined;
  headers: ViewedHeader[] | undefined;
}

/** KB of the source that are shown; the rest can be downloaded. */
const sourceShown = 64;

const viewNames: Record<View, string> = { html: 'HTML', text: 'Text', headers: 'Headers', source: 'Source' };
const widthNames: Record<Width, string> = { '375': 'Phone', '600': '600 px', full: 'Full' };

/** The card. */
export function MailMessageCard(props: MailMessageProps): JSX.Element {
  const { context, message, templateSetNotice } = props;
  return (
    <section class="card" id="message">
      <h2>What it says</h2>
      <div class="stack">
        {message.seen === 'wiped' && (
          <EmptyState title="What it said is wiped.">
            <p class="muted" safe>
              {`${message.why}${message.at === undefined ? '' : `, ${context.time.dateTime(message.at)}`}. ${templateSetNotice ?? ''}`}
            </p>
          </EmptyState>
        )}
        {message.seen === 'fault' && (
          <Notice tone="warn" title="Its message cannot be shown.">
            <p safe>{message.why}</p>
          </Notice>
        )}
        {message.seen === 'message' && (
          <>
            {templateSetNotice !== undefined && <p safe>{templateSetNotice}</p>}
            {message.redacted.length > 0 && (
              <p class="muted">
                Nobody gets a secret out of this page:{' '}
                <span class="code" safe>
                  {message.redacted.join(', ')}
                </span>{' '}
                reads as in the template's sample.
              </p>
            )}
            <Choices {...props} hasHtml={message.message.html !== undefined} />
            <Body {...props} message={message.message} />
          </>
        )}
      </div>
    </section>
  );
}

/** A link to this page with other choices. */
function choice(
  { id, view, width, remoteImages }: MailMessageProps,
  change: { view?: View; width?: Width; remoteImages?: boolean },
): string {
  const chosen = { view, width, remoteImages, ...change };
  const query = new URLSearchParams({ view: chosen.view, width: chosen.width, ...(chosen.remoteImages && { images: 'remote' }) });
  return `/mails/${id}?${query}#message`;
}

function Choices({ hasHtml, ...props }: MailMessageProps & { hasHtml: boolean }): JSX.Element {
  const { id, view, width, remoteImages } = props;
  const shown = hasHtml ? views : views.filter((one) => one !== 'html');
  return (
    <div class="row choices">
      <Tabs
        label="Views of the message"
        tabs={shown.map((one) => ({ name: viewNames[one], href: choice(props, { view: one }), current: one === view }))}
      />
      {view === 'html' && (
        <>
          <Tabs
            label="Width"
            tabs={widths.map((one) => ({ name: widthNames[one], href: choice(props, { width: one }), current: one === width }))}
          />
          {remoteImages ? (
            <a href={choice(props, { remoteImages: false })}>Leave remote pictures out</a>
          ) : (
            <a href={choice(props, { remoteImages: true })}>Load remote pictures: their servers will know</a>
          )}
        </>
      )}
      <a href={`/mails/${id}/source`} download={`${id}.eml`}>
        Download
      </a>
    </div>
  );
}

function Body({
  id,
  message,
  view,
  width,
  remoteImages,
  bytes,
  headers,
}: Omit<MailMessageProps, 'message'> & { message: OutgoingMessage }): JSX.Element {
  const { subject, text = '', attachments } = message;
  const frame = `/mails/${id}/message${remoteImages ? '?images=remote' : ''}`;
  switch (view) {
    case 'html':
      return (
        <>
          <div class="frame-area">
            <iframe class={`w${width}`} src={frame} sandbox={frameSandbox} title={subject}></iframe>
          </div>
          {attachments.length > 0 && <Attached attachments={attachments} />}
        </>
      );
    case 'text':
      return (
        <>
          <pre class="panel" safe>
            {text}
          </pre>
          {attachments.length > 0 && <Attached attachments={attachments} />}
        </>
      );
    case 'headers':
      return (
        <div class="panel">
          <Facts>
            {headers?.map(({ name, value }) => (
              <CodeFact name={name} code={value} />
            ))}
          </Facts>
        </div>
      );
    case 'source':
      return <Source bytes={bytes ?? Buffer.of()} />;
  }
}

function Attached({ attachments }: { attachments: OutgoingMessage['attachments'] }): JSX.Element {
  return (
    <ul class="muted">
      {attachments.map(({ filename, contentType = 'type guessed by its name', content }) => (
        <li safe>{attachmentText({ filename, contentType, bytes: Buffer.byteLength(content, 'base64') })}</li>
      ))}
    </ul>
  );
}

function Source({ bytes }: { bytes: Buffer }): JSX.Element {
  const shown = bytes.subarray(0, sourceShown * 1024);
  return (
    <>
      {shown.length < bytes.length && <p class="muted">The first {sourceShown} KB; download it to have it all.</p>}
      <section class="panel" aria-label="Source" tabindex="0">
        <pre class="code" safe>
          {shown.toString()}
        </pre>
      </section>
    </>
  );
}
