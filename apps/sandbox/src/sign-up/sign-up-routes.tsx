/** The routes of the sign-up: the form, and the page of each member with live updates. */
import { HttpError, isSameOrigin, sendPage } from '@posthouse/web';
import type { FastifyPluginAsync } from 'fastify';
import type { Inbox } from '../inbox/inbox.ts';
import { type Regions, sendRegions } from '../site/live-updates.ts';
import { type PageContext, pageContextOf } from '../site/page-context.ts';
import { hasEnded, type MailApi, type StatusResult } from './mail-api.ts';
import { DeliveryProgress, type DeliveryProgressProps, MemberPage } from './member-page.tsx';
import type { Member, Members } from './members.ts';
import { emptyForm, parseSignUpForm, toSignUpRequest } from './sign-up-form.ts';
import { SignUpPage } from './sign-up-page.tsx';

/** What the routes work with. */
export interface SignUpParts {
  members: Members;
  api: MailApi;
  inbox: Inbox;
  /** Writes a line to the terminal. */
  log: (line: string) => void;
}

export function signUpRoutes({ members, api, inbox, log }: SignUpParts): FastifyPluginAsync {
  return async (app) => {
    app.get('/', (request, reply) => sendPage(reply, <SignUpPage context={pageContextOf(request)} form={emptyForm} />));

    app.post('/', async (request, reply) => {
      if (!isSameOrigin(request)) throw new HttpError(403);
      const context = pageContextOf(request);
      const form = parseSignUpForm(request.body);
      const signUpRequest = toSignUpRequest(form, context.language);
      if (signUpRequest === undefined) return sendPage(reply.code(422), <SignUpPage context={context} form={form} />);
      const { id } = await members.signUp(signUpRequest);
      return reply.redirect(context.link(`/members/${id}`), 303);
    });

    app.get<{ Params: { id: string } }>('/members/:id', async (request, reply) => {
      const context = pageContextOf(request);
      const member = memberOf(request.params.id);
      const { welcomeMail } = member;
      const status = 'id' in welcomeMail ? await api.status(welcomeMail.id) : undefined;
      const events = status !== undefined && !hasEnded(status) ? context.link(`/members/${member.id}/events`) : undefined;
      return sendPage(reply, <MemberPage {...progressOf(context, member, status)} events={events} />);
    });

    app.get<{ Params: { id: string } }>('/members/:id/events', (request, reply) => {
      const context = pageContextOf(request);
      const member = memberOf(request.params.id);
      if (!('id' in member.welcomeMail)) throw new HttpError(404);
      const { id: welcomeMailId } = member.welcomeMail;
      async function* updates(closed: AbortSignal): AsyncGenerator<Regions> {
        for await (const status of api.watch(welcomeMailId, closed)) {
          yield { delivery: await (<DeliveryProgress {...progressOf(context, member, status)} />) };
        }
      }
      return sendRegions(reply, updates, log);
    });
  };

  function memberOf(id: string): Member {
    const member = members.find(id);
    if (member === undefined) throw new HttpError(404);
    return member;
  }

  function progressOf(context: PageContext, member: Member, status: StatusResult | undefined): DeliveryProgressProps {
    const mail =
      status !== undefined && 'receipt' in status && status.messageId !== undefined ? inbox.findByMessageId(status.messageId) : undefined;
    return { context, member, status, mailHref: context.link(mail === undefined ? '/inbox' : `/inbox/${mail.id}`) };
  }
}
