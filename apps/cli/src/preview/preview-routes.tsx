/** The routes of the preview: pages, frames, live updates, and what the scripts of the pages ask for. */
import { on } from 'node:events';
import { parseMailbox } from '@posthouse/contract';
import { checkTemplates } from '@posthouse/templates/check';
import type { LazyTemplate } from '@posthouse/templates/lazy';
import { HttpError, sendEvents, sendPage } from '@posthouse/web';
import type { FastifyPluginAsync, FastifyReply } from 'fastify';
import { dataOfForm } from './data-form.ts';
import { Drafts } from './drafts.ts';
import { Findings } from './findings.tsx';
import { DataFields } from './form-fields.tsx';
import { frameDocument, problemDocument } from './frame-document.ts';
import type { LiveTemplates } from './live-templates.ts';
import { type PreviewResult, renderMail } from './mail-preview.ts';
import type { StateProps } from './mail-stage.tsx';
import { problemText } from './preview-layout.tsx';
import { allStates, dataOf, hardStatesOf, statesOf, structureOf } from './preview-set.ts';
import { type MailState, stateUrl, type ViewQuery, viewOf, widths } from './preview-state.ts';
import type { FieldSchema } from './schema-field.ts';
import { SheetPage } from './sheet-page.tsx';
import { regionsOf, StatePage } from './state-page.tsx';

/** What the routes need. */
export interface PreviewParts {
  live: LiveTemplates;
  /** Sender of the messages, unless their template has one: `Posthouse <hello@example.com>`. */
  from: string;
  /** Recipient of the messages. */
  to: string;
  /** What a mail is sent through; undefined where nothing is configured. */
  sendsThrough: string | undefined;
  onError(error: Error): void;
}

interface StateRequest {
  Params: MailState;
  Querystring: ViewQuery;
}

/** A state with its template and its data. */
interface FoundState {
  template: LazyTemplate;
  data: Record<string, unknown>;
  result: PreviewResult;
}

export function previewRoutes(parts: PreviewParts): FastifyPluginAsync {
  const { live, onError } = parts;
  const { templates } = live;
  const drafts = new Drafts();

  return async (app) => {
    app.get<{ Querystring: ViewQuery }>('/', async ({ query }, reply) => await sheet(reply, query));

    app.get<{ Params: { template: string }; Querystring: ViewQuery }>('/:template', async ({ params, query }, reply) => {
      return await sheet(reply, query, (await found(params.template)).name);
    });

    app.get<StateRequest>('/:template/:sample/:locale', async ({ params, query }, reply) => {
      return sendPage(reply, <StatePage {...(await propsOf(params, query))} />);
    });

    app.get<StateRequest>('/_/frame/:template/:sample/:locale', async ({ params, query }, reply) => {
      const { result } = await stateOf(params, query['draft']);
      const images = query['images'] === 'off' ? 'off' : query['images'] === 'load' ? 'load' : 'inline';
      const isDark = query['dark'] !== undefined;
      const problem = result.kind === 'mail' ? undefined : problemText(result);
      const source = result.kind === 'mail' ? result.mail.html : problemDocument(problem?.title ?? '', problem?.detail ?? '');
      const { html, policy } = frameDocument(source, { isDark, images });
      return reply
        .type('text/html; charset=utf-8')
        .header('content-security-policy', policy)
        .header('cache-control', 'no-store')
        .send(html);
    });

    // The parts of the mail as the worker has them.
    app.get<StateRequest>('/_/mail/:template/:sample/:locale', async ({ params, query }, reply) => {
      const { result } = await stateOf(params, query['draft']);
      if (result.kind !== 'mail') throw new HttpError(422, problemText(result).title, problemText(result).detail);
      const { subject, html, text } = result.mail;
      return reply.header('cache-control', 'no-store').send({ subject, html, text });
    });

    app.post<StateRequest & { Body: unknown }>('/_/render/:template/:sample/:locale', async ({ params, query, body }, reply) => {
      const form = formOf(body);
      const data = await editedData(params, form);
      const draft = data && drafts.add(data);
      const props = await propsOf(params, query, draft);
      const sendsForm = data === undefined || form.has('add') || form.has('remove') || form.has('json');
      const fields = sendsForm
        ? { 'data-form': await (<DataFields schema={props.template.schema as FieldSchema} data={props.data} />) }
        : {};
      const issues = props.result.kind === 'data' ? props.result.issues : [];
      return reply.header('cache-control', 'no-store').send({ regions: { ...(await regionsOf(props)), ...fields }, issues });
    });

    app.get<{ Params: { template: string } }>('/_/findings/:template', async ({ params }, reply) => {
      const { name } = await found(params.template);
      return await sendPage(reply, <Findings findings={await checkTemplates(live.dir, { names: [name] })} />);
    });

    app.get('/_/events', (_request, reply) => {
      async function* changes(closed: AbortSignal) {
        yield { event: 'structure', data: structureOf(allStates(templates)) };
        for await (const [names] of on(live, 'change', { signal: closed }) as AsyncIterable<[ReadonlySet<string>]>) {
          yield { data: JSON.stringify({ templates: [...names], structure: structureOf(allStates(templates)) }) };
        }
      }
      return sendEvents(reply, changes, onError);
    });
  };

  async function sheet(reply: FastifyReply, query: ViewQuery, only?: string): Promise<FastifyReply> {
    const withHardCases = query['hard'] !== undefined;
    const states = only === undefined ? allStates(templates) : [statesOf(await found(only))];
    const shown = withHardCases
      ? await Promise.all(states.map(async (each) => ({ ...each, states: [...each.states, ...hardStatesOf(await found(each.name))] })))
      : states;
    const page = (
      <SheetPage
        templates={shown}
        dir={live.dir}
        structure={structureOf(allStates(templates))}
        query={typeof query['q'] === 'string' ? query['q'] : ''}
        withHardCases={withHardCases}
        problem={live.problem}
        {...(only !== undefined && { only })}
      />
    );
    return await sendPage(reply, page);
  }

  async function found(name: string): Promise<LazyTemplate> {
    const template = await templates.get(name);
    if (template !== undefined) return template;
    throw new HttpError(404, 'There is no template of this name', 'It may have been renamed or removed.');
  }

  async function stateOf({ template: name, sample, locale }: MailState, draft: unknown): Promise<FoundState> {
    const template = await found(name);
    const edited = typeof draft === 'string' ? drafts.find(draft) : undefined;
    if (template.renderer === undefined) return { template, data: edited ?? {}, result: { kind: 'template', issues: template.issues } };
    const data = edited ?? dataOf(template, sample);
    if (data === undefined) throw new HttpError(404, 'This template has no such sample', 'It may have been renamed or removed.');
    if (!template.template.locales.includes(locale)) throw new HttpError(404, 'This template is not in this language', '');
    const from = parseMailbox(template.template.from ?? parts.from) ?? { address: 'hello@example.com' };
    const to = parseMailbox(parts.to) ?? { address: 'anne@example.com' };
    return { template, data, result: await renderMail(template, data, locale, { from, to }) };
  }

  async function propsOf(state: MailState, query: ViewQuery, draft?: string): Promise<StateProps> {
    const view = viewOf(query);
    const { template, data, result } = await stateOf(state, draft);
    const samples = [...Object.keys(template.template.samples), ...new Set(hardStatesOf(template).map(({ sample }) => sample))];
    const from = parseMailbox(template.template.from ?? parts.from);
    return {
      ...{ state, view, data, result, samples, ...neighbours(state, query) },
      template: template.template,
      from: from?.name ?? from?.address ?? '',
      to: parts.to,
      sendsThrough: parts.sendsThrough,
      ...(draft !== undefined && { draft }),
    };
  }

  /** The URLs of the pictures before and after this one, in the order of the contact sheet. */
  function neighbours(state: MailState, query: ViewQuery): { previous?: string; next?: string } {
    const view = viewOf(query);
    const states = allStates(templates).flatMap(({ states }) => states);
    const urls = states.flatMap((each) =>
      widths.flatMap((width) => [false, true].map((isDark) => stateUrl(each, { ...view, width, isDark, loadsImages: false }))),
    );
    const index = urls.indexOf(stateUrl(state, { ...view, loadsImages: false }));
    const [previous, next] = index < 0 ? [] : [urls[index - 1], urls[index + 1]];
    return { ...(previous !== undefined && { previous }), ...(next !== undefined && { next }) };
  }

  /** The data of a form; undefined where nothing was edited. */
  async function editedData({ template: name }: MailState, form: URLSearchParams): Promise<Record<string, unknown> | undefined> {
    if (form.size === 0) return undefined;
    const json = form.get('json');
    if (json !== null) return parseData(json);
    const { template } = await found(name);
    return dataOfForm(form, template.schema as FieldSchema);
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

/** The fields of a form in their order. @param body as @fastify/formbody reads it */
function formOf(body: unknown): URLSearchParams {
  const fields = Object.entries((body ?? {}) as Record<string, unknown>);
  return new URLSearchParams(fields.filter((field): field is [string, string] => typeof field[1] === 'string'));
}
