/** `/queue/pause` and `/queue/pauses/…`: an operator starts and ends pauses, each after a confirmation. */

import type { MailFilter } from '@posthouse/contract';
import {
  AuditLog,
  applicableStates,
  MailList,
  type NewPause,
  type Pause,
  PauseError,
  Pauses,
  QueueOverview,
  type RequestConnection,
} from '@posthouse/queue';
import type { TemplateSource } from '@posthouse/templates/catalogue';
import type { Renderer } from '@posthouse/templates/render';
import { HttpError, sendPage } from '@posthouse/web';
import type { FastifyPluginAsync } from 'fastify';
import { actorOf } from '../ui/page-context.ts';
import { t } from '../ui/translate.ts';
import { ConfirmEndPage, ConfirmPausePage, PauseFormPage } from './pause-pages.tsx';
import { checkPause, readPauseFields } from './pause-request.ts';

const forOperators = { config: { role: 'operator' } } as const;

/** Those in which a mail can wait: a scheduled one when its time comes. */
const waitingStates = applicableStates.cancel.filter((state) => state !== 'sending');

/** @returns the routes, as a plugin */
export function pauseRoutes(connection: RequestConnection, set: TemplateSource<Renderer>): FastifyPluginAsync {
  const pauses = new Pauses(connection);
  const overview = new QueueOverview(connection);
  const list = new MailList(connection);
  const audit = new AuditLog(connection);
  const isKnown = async (filter: MailFilter) => (await list.count(filter)).mails > 0;
  const templateNames = () => [...set.current.catalogue.templates.keys()];
  const check = async (parameters: unknown) => {
    const fields = readPauseFields(parameters);
    const providers = await overview.providers();
    return { fields, providers, ...(await checkPause(fields, { templates: templateNames(), providers, isKnown })) };
  };

  return async (app) => {
    app.get<{ Querystring: Record<string, unknown> }>('/queue/pause', forOperators, async ({ context, query }, reply) => {
      const fields = readPauseFields(query);
      const form = { context, fields, templates: templateNames() };
      if (query['scope'] === undefined || query['reason'] === undefined || query['change'] !== undefined)
        return sendPage(reply, <PauseFormPage {...form} issues={{}} />);
      const checked = await check(query);
      if ('issues' in checked) return sendPage(reply.code(400), <PauseFormPage {...form} issues={checked.issues} />);
      const { pause, providers } = checked;
      const others = providers.map(({ name }) => name).filter((name) => name !== pause.name);
      const waiting = await list.count({ state: waitingStates, ...conditionOf(pause) });
      return sendPage(reply, <ConfirmPausePage {...{ context, pause, fields, waiting, others }} />);
    });

    app.post('/queue/pause', forOperators, async (request, reply) => {
      const { context } = request;
      const checked = await check(request.body);
      if ('issues' in checked)
        return sendPage(
          reply.code(400),
          <PauseFormPage {...{ context, fields: checked.fields, templates: templateNames(), issues: checked.issues }} />,
        );
      const { who, role } = actorOf(request);
      const { pause } = checked;
      await pauses.start({ ...pause, by: who }).catch((error: Error) => {
        if (!(error instanceof PauseError)) throw error;
        throw new HttpError(
          409,
          t('Nothing was paused'),
          error.code === 'full' ? t('There are too many pauses. End one first.') : t('It is paused already.'),
        );
      });
      await audit.append({
        who,
        role,
        action: `pause ${pause.scope}`,
        ...(pause.name !== '' && { detail: `${pause.name}: ${pause.reason}` }),
        ...(pause.name === '' && { detail: pause.reason }),
      });
      return reply.redirect('/queue', 303);
    });

    app.get<{ Params: { id: string } }>('/queue/pauses/:id/end', forOperators, async ({ context, params }, reply) =>
      sendPage(reply, <ConfirmEndPage context={context} pause={await find(params.id)} />),
    );

    app.post<{ Params: { id: string } }>('/queue/pauses/:id/end', forOperators, async (request, reply) => {
      const { who, role } = actorOf(request);
      const pause = await find(request.params.id);
      const ended = await pauses.end(pause.id);
      if (ended)
        await audit.append({ who, role, action: `end pause of ${pause.scope}`, ...(pause.name !== undefined && { detail: pause.name }) });
      return reply.redirect('/queue', 303);
    });

    app.post('/queue/resume', forOperators, async (request, reply) => {
      const { who, role } = actorOf(request);
      await pauses.endByTool();
      await audit.append({ who, role, action: 'end pause of another tool' });
      return reply.redirect('/queue', 303);
    });
  };

  /** @throws HttpError when it has ended */
  async function find(id: string): Promise<Pause> {
    const pause = (await pauses.list()).pauses.find((each) => each.id === id);
    if (pause === undefined) throw new HttpError(404, t('This pause has ended'), t('Another user ended it, or its time was over.'));
    return pause;
  }
}

/** The mails that a pause concerns; with one of a provider any may wait. */
function conditionOf({ scope, name }: Pick<NewPause, 'scope' | 'name'>): MailFilter {
  switch (scope) {
    case 'template':
      return { template: name };
    case 'tag':
      return { tag: name };
    case 'domain':
      return { recipient: name };
    default:
      return {};
  }
}
