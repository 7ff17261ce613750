/** Finds what a URL of the preview names: the template, its data, and the mail that they make. */
import { randomBytes } from 'node:crypto';
import { type Mailbox, parseMailbox } from '@posthouse/contract';
import type { LazyTemplate } from '@posthouse/templates/lazy';
import { HttpError } from '@posthouse/web';
import { dataOfForm } from './data-form.ts';
import type { LiveTemplates } from './live-templates.ts';
import { type PreviewResult, renderMail } from './mail-preview.ts';
import type { StateProps } from './mail-stage.tsx';
import { allStates, dataOf, hardStatesOf } from './preview-set.ts';
import { type MailState, stateUrl, type ViewQuery, viewOf, widths } from './preview-state.ts';
import type { FieldSchema } from './schema-field.ts';
import type { PreviewSender } from './send-preview.ts';

/** Senders and recipients, and the way to them. */
export interface MailSettings {
  /** Sender of the messages whose template names none. */
  from: Mailbox;
  /** Recipient of the messages; undefined shows them to an example. */
  to: Mailbox | undefined;
  /** Undefined where nothing is configured to send with. */
  sender: PreviewSender | undefined;
}

/** A mail with its template and its data. */
export interface RenderedState {
  template: LazyTemplate;
  data: Record<string, unknown>;
  from: Mailbox;
  result: PreviewResult;
}

/** The mails of one preview. */
export class OpenedMails {
  readonly drafts = new Drafts();
  readonly #live: LiveTemplates;
  readonly #settings: MailSettings;

  constructor(live: LiveTemplates, settings: MailSettings) {
    this.#live = live;
    this.#settings = settings;
  }

  /** @throws HttpError 404 */
  async template(name: string): Promise<LazyTemplate> {
    const template = await this.#live.templates.get(name);
    if (template !== undefined) return template;
    throw new HttpError(404, 'There is no template of this name', 'It may have been renamed or removed.');
  }

  /**
   * Renders a mail.
   * @param edited data that takes the place of the sample's
   * @throws HttpError 404 where the template has no such sample or language
   */
  async open({ template: name, sample, locale }: MailState, edited?: Record<string, unknown>): Promise<RenderedState> {
    const template = await this.template(name);
    const from = (template.template.from === undefined ? undefined : parseMailbox(template.template.from)) ?? this.#settings.from;
    if (template.renderer === undefined)
      return {
        template,
        from,
        // A hard case is made from the first sample, by a renderer.
        data: edited ?? template.template.samples[sample] ?? Object.values(template.template.samples)[0] ?? {},
        result: { kind: 'template', issues: template.issues },
      };
    const hasSamples = Object.keys(template.template.samples).length > 0;
    const data = edited ?? (hasSamples ? dataOf(template, sample) : {});
    if (data === undefined) throw new HttpError(404, 'This template has no such sample', 'It may have been renamed or removed.');
    if (!template.template.locales.includes(locale)) throw new HttpError(404, 'This template is not in this language');
    const to = this.#settings.to ?? { address: 'anne@example.com' };
    return { template, from, data, result: await renderMail(template, data, locale, { from, to }) };
  }

  /** What the page of a mail shows. @param draft the id of data that takes the place of the sample's */
  async page(state: MailState, query: ViewQuery, draft?: string): Promise<StateProps> {
    const { template, data, from, result } = await this.open(state, draft === undefined ? undefined : this.drafts.find(draft));
    const samples = [...Object.keys(template.template.samples), ...new Set(hardStatesOf(template).map(({ sample }) => sample))];
    return {
      state,
      view: viewOf(query),
      data,
      result,
      samples,
      ...this.#neighbours(state, query),
      template: template.template,
      from: from.name ?? from.address,
      to: this.#settings.to?.address ?? '',
      sendsThrough: this.#settings.sender?.name,
      ...(draft !== undefined && { draft }),
    };
  }

  /** The data of a form; undefined where nothing was edited. @throws HttpError */
  async edited(name: string, form: URLSearchParams): Promise<Record<string, unknown> | undefined> {
    const json = form.get('json');
    if (json !== null) return parseData(json);
    if (![...form.keys()].some((key) => key.includes(':') || key === 'add' || key === 'remove')) return undefined;
    const { template } = await this.template(name);
    return dataOfForm(form, template.schema as FieldSchema);
  }

  /** The URLs of the pictures before and after this one, in the order of the contact sheet. */
  #neighbours(state: MailState, query: ViewQuery): { previous?: string; next?: string } {
    const view = { ...viewOf(query), loadsImages: false };
    const states = allStates(this.#live.templates).flatMap((each) => each.states);
    const urls = states.flatMap((each) =>
      widths.flatMap((width) => [false, true].map((isDark) => stateUrl(each, { ...view, width, isDark }))),
    );
    const index = urls.indexOf(stateUrl(state, view));
    const [previous, next] = index < 0 ? [] : [urls[index - 1], urls[index + 1]];
    return { ...(previous !== undefined && { previous }), ...(next !== undefined && { next }) };
  }
}

/** @throws HttpError where it is not an object in JSON */
function parseData(json: string): Record<string, unknown> {
  try {
    const data: unknown = JSON.parse(json);
    if (typeof data === 'object' && data !== null && !Array.isArray(data)) return data as Record<string, unknown>;
  } catch {}
  throw new HttpError(422, 'The data in the link is not an object in JSON', 'Copy the whole link.');
}

const maxDrafts = 32;

/** Data that was typed into the form, while a frame shows it. It is in memory only, and only the latest of it. */
class Drafts {
  readonly #drafts = new Map<string, Record<string, unknown>>();

  /** @returns its id, which nobody can guess: the URL of a frame names it */
  add(data: Record<string, unknown>): string {
    const id = randomBytes(12).toString('base64url');
    this.#drafts.set(id, data);
    const [oldest] = this.#drafts.keys();
    if (this.#drafts.size > maxDrafts && oldest !== undefined) this.#drafts.delete(oldest);
    return id;
  }

  find(id: string): Record<string, unknown> | undefined {
    return this.#drafts.get(id);
  }
}
