/** A mail that is opened, as a person sees it: its line in an inbox, and its views. */
import { limits } from '@posthouse/contract';
import type { CatalogueTemplate } from '@posthouse/templates/lazy';
import { Fact, Facts, Tabs } from '@posthouse/web';
import { openedSandbox, remoteImages } from './frame-document.ts';
import { cut, inboxLengths, preheaderOf } from './inbox-line.ts';
import type { PreviewMail, PreviewResult } from './mail-preview.ts';
import { kilobytes, sizeParts } from './mail-size.ts';
import { Problem } from './preview-layout.tsx';
import { frameUrl, type MailState, stateUrl, type TabName, tabs, type View, widths } from './preview-state.ts';

/** What the page shows. */
export interface StateProps {
  state: MailState;
  view: View;
  template: CatalogueTemplate;
  /** Samples and hard cases that the template has. */
  samples: readonly string[];
  data: Record<string, unknown>;
  result: PreviewResult;
  /** The id of data that takes the place of the sample's. */
  draft?: string;
  /** Names that the message is from and to. */
  from: string;
  to: string;
  previous?: string;
  next?: string;
  /** What a mail is sent through; undefined where nothing is configured. */
  sendsThrough: string | undefined;
}

/** The mail's line in an inbox. */
export function InboxLine({ result, from }: StateProps): JSX.Element {
  if (result.kind !== 'mail') return '';
  const subject = cut(result.mail.subject, inboxLengths.subject);
  const preheader = cut(preheaderOf(result.mail.html), inboxLengths.preheader);
  return (
    <div class="inbox-line card">
      <span class="avatar" aria-hidden="true" safe>
        {[...from][0] ?? ''}
      </span>
      <div>
        <p class="sender" safe>
          {from}
        </p>
        <p class="subject" dir="auto">
          <b safe>{subject.shown}</b>
          {subject.isCut && <span class="muted">…</span>}
        </p>
        <p class="muted preheader" dir="auto" safe>
          {`${preheader.shown.replaceAll('\u00a0', ' ').trim()}${preheader.isCut && !preheader.shown.endsWith('\u00a0') ? '…' : ''}`}
        </p>
      </div>
      <p class="muted number counts" title="Characters; a phone shows about 40 of the subject">
        <span class={subject.isCut ? 'over' : undefined}>{subject.length}</span> of 40
      </p>
    </div>
  );
}

/** Links between the views, so that each of them has a URL. */
export function Views({ state, view, result }: StateProps): JSX.Element {
  const isPicture = view.tab === 'html' || view.tab === 'images-off';
  const size = result.kind === 'mail' ? Buffer.byteLength(result.mail.html) : 0;
  return (
    <div class="row between view-row">
      <Tabs
        label="Views"
        tabs={(Object.keys(tabs) as TabName[]).map((tab) => ({
          name: tab === 'size' && size > 0 ? `Size ${kilobytes(size)}` : tabs[tab],
          href: stateUrl(state, { ...view, tab }),
          current: tab === view.tab,
        }))}
      />
      {isPicture && (
        <div class="row">
          <Tabs
            label="Width"
            tabs={widths.map((width) => ({
              name: String(width),
              href: stateUrl(state, { ...view, width }),
              current: width === view.width,
            }))}
          />
          <Tabs
            label="Color scheme"
            tabs={[false, true].map((isDark) => ({
              name: isDark ? 'Dark' : 'Light',
              href: stateUrl(state, { ...view, isDark }),
              current: isDark === view.isDark,
            }))}
          />
        </div>
      )}
    </div>
  );
}

/** The view itself, or why there is none. */
export function Stage(props: StateProps): JSX.Element {
  const { result, view } = props;
  if (result.kind !== 'mail') return <Problem result={result} />;
  switch (view.tab) {
    case 'text':
      return (
        <pre class="panel text" tabindex="0" dir="auto" safe>
          {result.mail.text}
        </pre>
      );
    case 'headers':
      return (
        <div class="panel" tabindex="0">
          <Facts>
            {result.mail.headers.map(({ name, value }) => (
              <Fact name={name}>
                <code class="code" safe>
                  {value}
                </code>
              </Fact>
            ))}
          </Facts>
        </div>
      );
    case 'source':
      return (
        <section class="panel" tabindex="0" aria-label="Source">
          <pre class="code" safe>
            {result.mail.raw.toString('utf8')}
          </pre>
        </section>
      );
    case 'size':
      return <Size mail={result.mail} />;
    default:
      return <Frame {...props} mail={result.mail} />;
  }
}

function Frame({ state, view, draft, mail }: StateProps & { mail: PreviewMail }): JSX.Element {
  const images = remoteImages(mail.html);
  const hosts = [...new Set(images.map((url) => (URL.canParse(url) ? new URL(url).host : url)))].slice(0, 3).join(', ');
  const count = images.length === 1 ? '1 image' : `${images.length} images`;
  return (
    <>
      {images.length > 0 && view.tab === 'html' && (
        <p class="notice info image-note">
          <span safe>
            {view.loadsImages ? `${count} may be loaded from ${hosts}.` : `${count} from ${hosts} not loaded: nothing leaves this machine.`}
          </span>
          <a href={stateUrl(state, { ...view, loadsImages: !view.loadsImages })}>{view.loadsImages ? 'Load none' : 'Load from there'}</a>
        </p>
      )}
      <div class={['frame-area', view.isDark && 'dark']}>
        <iframe
          class={`w${view.width}`}
          src={frameUrl(state, view, draft)}
          sandbox={openedSandbox}
          title={`The mail, ${view.width} pixels wide`}
          data-opened
        ></iframe>
      </div>
      <p id="link-target" class="code muted" role="status"></p>
    </>
  );
}

function Size({ mail: { html, text, raw } }: { mail: PreviewMail }): JSX.Element {
  const bytes = Buffer.byteLength(html);
  const share = Math.round((bytes / limits.clippedHtmlBytes) * 100);
  return (
    <div class="panel size">
      <p class={bytes > limits.clippedHtmlBytes ? 'error' : undefined}>
        <b class="number" safe>
          {kilobytes(bytes)}
        </b>{' '}
        <span safe>{`of HTML: ${share} % of the 102 KB after which Gmail cuts a mail off.`}</span>
      </p>
      <progress
        max={limits.clippedHtmlBytes.toString()}
        value={Math.min(bytes, limits.clippedHtmlBytes).toString()}
        aria-label="HTML of 102 KB"
      ></progress>
      <table class="sizes">
        <tbody>
          {sizeParts(html).map((part) => (
            <tr>
              <th scope="row" safe>
                {part.name}
              </th>
              <td>
                <meter min="0" max={bytes.toString()} value={part.bytes.toString()} aria-label={`Share of ${part.name}`}></meter>
              </td>
              <td class="number" safe>
                {kilobytes(part.bytes)}
              </td>
            </tr>
          ))}
        </tbody>
      </table>
      <p
        class="muted"
        safe
      >{`The text is ${kilobytes(Buffer.byteLength(text))}; the whole message as it is sent is ${kilobytes(raw.length)}.`}</p>
    </div>
  );
}
