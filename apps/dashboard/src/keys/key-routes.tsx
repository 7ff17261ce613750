/** `/keys`: the API keys in Redis, made, limited, rotated and revoked. For admins. The answer to a form has the text of a new key; nothing keeps it. */
import { defaultRights, isValidName, type KeyRights, parseKeyRights, RightsError } from '@posthouse/access';
import { type ApiKeyInfo, ApiKeys, DirectoryError, type RequestConnection } from '@posthouse/queue';
import { HttpError, sendPage } from '@posthouse/web';
import type { FastifyPluginAsync, FastifyReply, FastifyRequest } from 'fastify';
import { directoryAdvice } from '../ui/directory-advice.ts';
import { rightsIssueText } from '../ui/known-texts.ts';
import { actorOf } from '../ui/page-context.ts';
import { ShownOncePage } from '../ui/shown-once-page.tsx';
import { t } from '../ui/translate.ts';
import { type KeyForm, KeyListPage } from './key-list-page.tsx';
import { KeyPage, overlaps, RevokePage } from './key-page.tsx';

const forAdmins = { config: { role: 'admin' } } as const;

interface KeyRequest {
  Params: { name: string };
  Body: Record<string, unknown> | undefined;
}

/** @returns the routes, as a plugin */
export function keyRoutes(connection: RequestConnection): FastifyPluginAsync {
  const apiKeys = new ApiKeys(connection);

  return async (app) => {
    app.get('/keys', forAdmins, async ({ context }, reply) =>
      sendPage(reply, <KeyListPage context={context} {...(await apiKeys.list())} form={{ name: '', rights: defaultRights }} />),
    );

    app.post<KeyRequest>('/keys', forAdmins, async (request, reply) => {
      const form: KeyForm = { name: textIn(request.body, 'name'), rights: textIn(request.body, 'rights') };
      if (!isValidName(form.name)) form.nameError = t('1 to 64 letters, digits, dots, dashes and underscores');
      const rights = rightsIn(form);
      if (rights !== undefined && form.nameError === undefined) {
        const key = await apiKeys.create(form.name, rights, actorOf(request)).catch((error: Error) => {
          if (!(error instanceof DirectoryError)) throw error;
          form.nameError = directoryAdvice(error, form.name);
        });
        if (key !== undefined) return await sendKey(request, reply, form.name, key);
      }
      return sendPage(reply.code(400), <KeyListPage context={request.context} {...(await apiKeys.list())} form={form} />);
    });

    app.get<KeyRequest>('/keys/:name', forAdmins, async ({ context, params }, reply) =>
      sendPage(reply, <KeyPage context={context} info={await find(params.name)} />),
    );

    app.post<KeyRequest>('/keys/:name/rights', forAdmins, async (request, reply) => {
      const { name } = request.params;
      const form: KeyForm = { name, rights: textIn(request.body, 'rights') };
      const rights = rightsIn(form);
      if (rights === undefined) return sendPage(reply.code(400), <KeyPage context={request.context} info={await find(name)} form={form} />);
      await asHttpError(name, apiKeys.limit(name, rights, actorOf(request)));
      return reply.redirect(`/keys/${name}`, 303);
    });

    app.post<KeyRequest>('/keys/:name/rotate', forAdmins, async (request, reply) => {
      const { name } = request.params;
      const overlap = overlaps.find(({ value }) => value === textIn(request.body, 'overlap'));
      if (overlap === undefined) throw new HttpError(400, t('Unknown overlap'), t('Nothing was changed. Choose one of the list.'));
      const key = await asHttpError(name, apiKeys.rotate(name, overlap.ms, actorOf(request)));
      const validity =
        overlap.ms === 0
          ? t('The previous key ends within 2 s.')
          : t('The previous key stays valid {period}.', { period: t(overlap.label) });
      return await sendKey(request, reply, name, key, ` ${validity}`);
    });

    app.get<KeyRequest>('/keys/:name/revoke', forAdmins, async ({ context, params }, reply) =>
      sendPage(reply, <RevokePage context={context} name={params.name} />),
    );

    app.post<KeyRequest>('/keys/:name/revoke', forAdmins, async (request, reply) => {
      const { name } = request.params;
      await asHttpError(name, apiKeys.revoke(name, actorOf(request)));
      return reply.redirect('/keys', 303);
    });
  };

  async function find(name: string): Promise<ApiKeyInfo> {
    const info = (await apiKeys.list()).keys.find((key) => key.name === name);
    if (info === undefined)
      throw new HttpError(404, t('API key not found'), t('There is no API key of this name in Redis. It may have been revoked.'));
    return info;
  }
}

/** @param more added to the advice */
function sendKey({ context }: FastifyRequest, reply: FastifyReply, name: string, key: string, more = '') {
  const [title, advice] = [t('New API key for {name}', { name }), t('Store it with the secrets of {name}.', { name }) + more];
  return sendPage(
    reply,
    <ShownOncePage context={context} title={title} here="/keys" noun="key" secret={key} advice={advice} next="/keys" />,
  );
}

function textIn(body: Record<string, unknown> | undefined, name: string): string {
  const value = body?.[name];
  return typeof value === 'string' ? value.trim() : '';
}

/** The rights of a form; undefined, with an error in the form, where they are invalid. */
function rightsIn(form: KeyForm): KeyRights | undefined {
  try {
    return parseKeyRights(form.rights);
  } catch (error) {
    if (!(error instanceof RightsError)) throw error;
    form.rightsError = t('Not valid: {issues}.', { issues: rightsIssueText(error.issues) });
    return undefined;
  }
}

/** @throws HttpError where the change is not possible */
async function asHttpError<T>(name: string, change: Promise<T>): Promise<T> {
  return await change.catch((error: Error) => {
    if (!(error instanceof DirectoryError)) throw error;
    throw new HttpError(error.kind === 'missing' ? 404 : 409, t('The API key was not changed'), directoryAdvice(error, name));
  });
}
