/** The routes of the preview: pages, frames, live updates, and what the scripts of the pages ask for. */
import { on } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Timings } from '@posthouse/contract';
import { checkTemplates, type Finding } from '@posthouse/templates/check';
import { HttpError, sendEvents, sendPage } from '@posthouse/web';
import type { FastifyPluginAsync, FastifyReply } from 'fastify';
import { FindingCount, Findings } from './findings.tsx';
import { DataFields } from './form-fields.tsx';
import { frameDocument, problemDocument } from './frame-document.ts';
import type { LiveTemplates } from './live-templates.ts';
import type { OpenedMails, RenderedState } from './opened-mails.ts';
import { formOf } from './preview-actions.ts';
import { problemText } from './preview-layout.tsx';
import { allStates, hardStatesOf, statesOf, structureOf } from './preview-set.ts';
import type { MailState, ViewQuery } from './preview-state.ts';
import type { FieldSchema } from './schema-field.ts';
import { SheetPage } from './sheet-page.tsx';
import { regionsOf, StatePage } from './state-page.tsx';

interface StateRequest {
  Params: MailState;
  Querystring: ViewQuery;
}

/** What the routes are given besides. */
interface RouteOptions {
  /** The folder of the templates, as the pages show it. */
  shownDir: string;
  timings: Timings['preview'];
  /** Called when live updates fail. */
  onError(error: Error): void;
}

export function previewRoutes(live: LiveTemplates, mails: OpenedMails, { shownDir, timings, onError }: RouteOptions): FastifyPluginAsync {
  const { templates } = live;
  const openedBy = (params: MailState, { draft }: ViewQuery): Promise<RenderedState> =>
    mails.open(params, typeof draft === 'string' ? mails.drafts.find(draft) : undefined);

  return async (app) => {
    app.get<{ Querystring: ViewQuery }>('/', async ({ query }, reply) => await sheet(reply, query));

    app.get<{ Params: { template: string }; Querystring: ViewQuery }>('/:template', async ({ params, query }, reply) => {
      return await sheet(reply, query, (await mails.template(params.template)).name);
    });

    app.get<StateRequest>('/:template/:sample/:locale', async ({ params, query }, reply) => {
      const { revision } = live;
      return sendPage(reply, <StatePage {...(await mails.page(params, query))} revision={revision} />);
    });

    app.get<StateRequest>('/_/frame/:template/:sample/:locale', async ({ params, query }, reply) => {
      const { result } = await openedBy(params, query);
      const images = query['images'] === 'off' ? 'off' : query['images'] === 'load' ? 'load' : 'inline';
      const source = result.kind === 'mail' ? result.mail.html : problemDocument(problemText(result));
      const { html, policy } = frameDocument(source, { isDark: query['dark'] !== undefined, images });
      return reply
        .type('text/html; charset=utf-8')
        .header('content-security-policy', policy)
        .header('cache-control', 'no-store')
        .send(html);
    });

    // The parts of the mail as the worker has them.
    app.get<StateRequest>('/_/mail/:template/:sample/:locale', async ({ params, query }, reply) => {
      const { result } = await openedBy(params, query);
      if (result.kind !== 'mail') throw new HttpError(422, problemText(result).title, problemText(result).detail);
      const { subject, html, text } = result.mail;
      return reply.header('cache-control', 'no-store').send({ subject, html, text });
    });

    app.post<StateRequest & { Body: unknown }>('/_/render/:template/:sample/:locale', async ({ params, query, body }, reply) => {
      const form = formOf(body);
      const data = await mails.edited(params.template, form);
      const props = await mails.page(params, query, data && mails.drafts.add(data));
      // Fields that somebody types into are left alone.
      const isTyped = data !== undefined && !['add', 'remove', 'json'].some((name) => form.has(name));
      const fields = isTyped ? {} : { 'data-form': await (<DataFields schema={props.template.schema as FieldSchema} data={props.data} />) };
      const issues = props.result.kind === 'data' ? props.result.issues : [];
      return reply.header('cache-control', 'no-store').send({ regions: { ...(await regionsOf(props)), ...fields }, issues });
    });

    app.get<{ Params: { template: string } }>('/_/findings/:template', async ({ params }, reply) => {
      const findings = await check(params.template);
      return findings === undefined ? reply.code(204).send() : await sendPage(reply, <Findings findings={findings} />);
    });

    app.get<{ Params: { template: string } }>('/_/finding-count/:template', async ({ params }, reply) => {
      const findings = await check(params.template);
      const template = templates.uncompiled(params.template);
      if (findings === undefined || template === undefined) return reply.code(204).send();
      return await sendPage(reply, <FindingCount findings={findings} states={statesOf(template).states} />);
    });

    app.get<{ Querystring: { since?: string } }>('/_/events', ({ query }, reply) => {
      const event = (names: Iterable<string>) => ({
        data: JSON.stringify({ templates: [...names], structure: structureOf(allStates(templates)) }),
      });
      async function* changes(closed: AbortSignal) {
        const later = on(live, 'change', { signal: closed }) as AsyncIterable<[ReadonlySet<string>]>;
        // Before the page was connected, or while it was not, any template may have changed.
        yield event(query.since === live.revision ? [] : templates.names);
        for await (const [names] of later) yield event(names);
      }
      return sendEvents(reply, changes, onError);
    });
  };

  /** @returns undefined where the template was saved again meanwhile @throws HttpError 404 */
  async function check(name: string): Promise<readonly Finding[] | undefined> {
    const template = await mails.template(name);
    // A check takes longer than a rendering, which it must not hold up; of several saves in a row only the last one is checked.
    await sleep(timings.check);
    return (await templates.get(name)) === template ? await checkTemplates(live.dir, { names: [name] }) : undefined;
  }

  async function sheet(reply: FastifyReply, query: ViewQuery, only?: string): Promise<FastifyReply> {
    const { revision } = live;
    const withHardCases = query['hard'] !== undefined;
    const states = only === undefined ? allStates(templates) : [statesOf(await mails.template(only))];
    const shown = withHardCases
      ? await Promise.all(
          states.map(async (each) => ({ ...each, states: [...each.states, ...hardStatesOf(await mails.template(each.name))] })),
        )
      : states;
    const page = (
      <SheetPage
        templates={shown}
        dir={shownDir}
        structure={structureOf(allStates(templates))}
        revision={revision}
        query={typeof query['q'] === 'string' ? query['q'] : ''}
        withHardCases={withHardCases}
        problem={live.problem}
        {...(only !== undefined && { only })}
      />
    );
    return await sendPage(reply, page);
  }
}
