/** The message of a mail in several views, each with a URL. Its HTML is a document of its own in a sandboxed frame. */
import type { KeptContent } from '@posthouse/contract';
import type { OutgoingMessage } from '@posthouse/delivery';
import { attachmentText, frameSandbox, type View, type ViewedHeader, views, type Width, widths } from '@posthouse/mailview';
import { EmptyState, Facts, Notice, Tabs } from '@posthouse/web';
import type { PageContext } from '../ui/page-context.ts';
import { Text, t, text } from '../ui/translate.ts';
import { CodeFact } from './mail-details.tsx';
import type { MailMessage } from './mail-message.ts';

/** What is shown, and how. */
export interface MailMessageProps {
  context: PageContext;
  id: string;
  message: MailMessage;
  /** When what is left of the content is deleted, ms since the epoch. */
  contentUntil: number | undefined;
  /** When this process has another template set than the mail was accepted or sent with. */
  templateSetNotice: string | undefined;
  /** To the live preview of the templates, with the mail's data. */
  previewLink: string | undefined;
  view: View;
  width: Width;
  remoteImages: boolean;
  /** The composed message, for the views headers and source. */
  bytes: Buffer | undefined;
  headers: ViewedHeader[] | undefined;
}

/** KB of the source that are shown; all of it can be downloaded. */
const maxSourceKb = 64;

const viewNames: Record<View, string> = { html: text('HTML'), text: text('Text'), headers: text('Headers'), source: text('Source') };
const widthNames: Record<Width, string> = { '375': text('Phone'), '600': text('600 px'), full: text('Full') };

export function MailMessageCard(props: MailMessageProps): JSX.Element {
  const { context, contentUntil, message, templateSetNotice } = props;
  return (
    <section class="card" id="message">
      <h2 safe>{t('Message')}</h2>
      <div class="stack">
        {message.kind === 'deleted' && (
          <EmptyState title={t('No content')}>
            <p class="muted" safe>
              {`${message.reason}${message.at === undefined ? '' : `, ${context.time.dateTime(message.at)}`}. ${message.hint === undefined ? '' : `${message.hint}. `}${templateSetNotice ?? ''}`}
            </p>
          </EmptyState>
        )}
        {message.kind === 'error' && (
          <Notice tone="warn" title={t('The message cannot be shown.')}>
            <p safe>{message.reason}</p>
          </Notice>
        )}
        {message.kind === 'message' && (
          <>
            {templateSetNotice !== undefined && <p safe>{templateSetNotice}</p>}
            {(contentUntil !== undefined || message.masked.length > 0) && (
              <p class="muted">
                {contentUntil !== undefined && (
                  <>
                    <Text of="Kept until {time}." values={{ time: context.time.dateTime(contentUntil) }} />{' '}
                  </>
                )}
                {message.masked.length > 0 && (
                  <>
                    {message.isKept ? <Text of="Sensitive values were not kept:" /> : <Text of="Sensitive values are masked:" />}{' '}
                    <span class="code" safe>
                      {message.masked.join(', ')}
                    </span>
                    .
                  </>
                )}
              </p>
            )}
            <Choices {...props} hasHtml={message.message.html !== undefined} />
            <Body {...props} message={message.message} />
            {message.attachments.length > 0 && (
              <>
                <p class="muted" safe>
                  {t('Attachments were not kept:')}
                </p>
                <AttachmentList attachments={message.attachments} />
              </>
            )}
          </>
        )}
      </div>
    </section>
  );
}

/** The URL of this page with other choices. */
function choiceUrl(
  { id, view, width, remoteImages }: MailMessageProps,
  change: { view?: View; width?: Width; remoteImages?: boolean },
): string {
  const choice = { view, width, remoteImages, ...change };
  const query = new URLSearchParams({ view: choice.view, width: choice.width, ...(choice.remoteImages && { images: 'remote' }) });
  return `/mails/${id}?${query}#message`;
}

function Choices({ hasHtml, ...props }: MailMessageProps & { hasHtml: boolean }): JSX.Element {
  const { id, view, width, remoteImages } = props;
  const available = hasHtml ? views : views.filter((one) => one !== 'html');
  return (
    <div class="row choices">
      <Tabs
        label={t('Views of the message')}
        tabs={available.map((one) => ({ name: t(viewNames[one]), href: choiceUrl(props, { view: one }), current: one === view }))}
      />
      {view === 'html' && (
        <>
          <Tabs
            label={t('Width')}
            tabs={widths.map((one) => ({ name: t(widthNames[one]), href: choiceUrl(props, { width: one }), current: one === width }))}
          />
          {remoteImages ? (
            <a href={choiceUrl(props, { remoteImages: false })} safe>
              {t('Hide remote images')}
            </a>
          ) : (
            <a href={choiceUrl(props, { remoteImages: true })} safe>
              {t('Load remote images (the sender will see it)')}
            </a>
          )}
        </>
      )}
      <a href={`/mails/${id}/source`} download={`${id}.eml`} safe>
        {t('Download')}
      </a>
      {props.previewLink !== undefined && (
        <a
          href={props.previewLink}
          target="_blank"
          rel="noreferrer"
          title={t('The preview must run on this machine: posthouse templates dev')}
          safe
        >
          {t('Open this data in the preview')}
        </a>
      )}
    </div>
  );
}

function Body(props: Omit<MailMessageProps, 'message'> & { message: OutgoingMessage }): JSX.Element {
  const { id, message, view, width, remoteImages, bytes, headers } = props;
  const { subject, text = '', attachments } = message;
  switch (view) {
    case 'html':
      return (
        <>
          <section class="frame-area" tabindex="0" aria-label={t('Message')}>
            <iframe
              class={`w${width}`}
              src={`/mails/${id}/message${remoteImages ? '?images=remote' : ''}`}
              sandbox={frameSandbox}
              title={subject}
            ></iframe>
          </section>
          {attachments.length > 0 && <Attachments attachments={attachments} />}
        </>
      );
    case 'text':
      return (
        <>
          <pre class="panel" safe>
            {text}
          </pre>
          {attachments.length > 0 && <Attachments attachments={attachments} />}
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

function Attachments({ attachments }: { attachments: OutgoingMessage['attachments'] }): JSX.Element {
  const listed = attachments.map(({ content, ...rest }) => ({ ...rest, bytes: Buffer.byteLength(content, 'base64') }));
  return <AttachmentList attachments={listed} />;
}

function AttachmentList({ attachments }: { attachments: KeptContent['attachments'] }): JSX.Element {
  return (
    <ul class="muted">
      {attachments.map(({ filename, contentType = t('type guessed from the name'), bytes }) => (
        <li safe>{attachmentText({ filename, contentType, bytes })}</li>
      ))}
    </ul>
  );
}

function Source({ bytes }: { bytes: Buffer }): JSX.Element {
  const shown = bytes.subarray(0, maxSourceKb * 1024);
  return (
    <>
      {shown.length < bytes.length && (
        <p class="muted" safe>
          {t('The first {max} KB. Download the message to see all of it.', { max: maxSourceKb })}
        </p>
      )}
      <section class="panel" aria-label={t('Source')} tabindex="0">
        <pre class="code" safe>
          {shown.toString()}
        </pre>
      </section>
    </>
  );
}
