/** The sign-up page: a form, what comes of it, and the way of the welcome mail. */
import type { FastifyPluginAsync } from 'fastify';
import { sendRegions } from './event-stream.ts';
import type { Inbox } from './inbox.ts';
import type { MailApi } from './mail-api.ts';
import { followMail, isOver, type Progress, progressOf } from './mail-progress.ts';
import { type PageContext, pageContextOf } from './page-context.ts';
import { DeliveryProgress, type JourneyProps } from './pages/delivery-progress.tsx';
import { MemberPage } from './pages/member-page.tsx';
import { SignUpPage } from './pages/sign-up-page.tsx';
import { isOwnForm } from './same-origin.ts';
import type { Member, SignUp } from './sign-up.ts';
import { emptyForm, newcomerOf, readForm } from './sign-up-form.ts';
import { HttpError, sendPage } from './web-page.tsx';

/** What the routes work with. */
export interface SignUpParts {
  signUp: SignUp;
  api: MailApi;
  inbox: Inbox;
}

/** The routes. */
export function signUpRoutes({ signUp, api, inbox }: SignUpParts): FastifyPluginAsync {
  return async (app) => {
    app.get('/', (request, reply) => sendPage(reply, <SignUpPage context={pageContextOf(request)} form={emptyForm} />));

    app.post('/', async (request, reply) => {
      if (!isOwnForm(request)) throw new HttpError(403);
      const context = pageContextOf(request);
      const form = readForm(request.body);
      const newcomer = newcomerOf(form, context.language);
      if (newcomer === undefined) return sendPage(reply.code(422), <SignUpPage context={context} form={form} />);
      const { id } = await signUp.join(newcomer);
      return reply.redirect(context.link(`/members/${id}`), 303);
    });

    app.get<{ Params: { id: string } }>('/members/:id', async (request, reply) => {
      const context = pageContextOf(request);
      const member = memberOf(request.params.id);
      const { welcome } = member;
      const progress = 'id' in welcome ? await progressOf(welcome.id, api) : undefined;
      const events = progress !== undefined && !isOver(progress) ? context.link(`/members/${member.id}/events`) : undefined;
      return sendPage(
        reply,
        <MemberPage context={context} member={member} journey={journeyOf(context, member, progress)} events={events} />,
      );
    });

    app.get<{ Params: { id: string } }>('/members/:id/events', (request, reply) => {
      const context = pageContextOf(request);
      const member = memberOf(request.params.id);
      const { welcome } = member;
      if (!('id' in welcome)) throw new HttpError(404);
      return sendRegions(reply, async function* (gone) {
        for await (const progress of followMail(welcome.id, api, gone)) {
          yield { journey: await (<DeliveryProgress {...journeyOf(context, member, progress)} />) };
        }
      });
    });
  };

  function memberOf(id: string): Member {
    const member = signUp.find(id);
    if (member === undefined) throw new HttpError(404);
    return member;
  }

  function journeyOf(context: PageContext, { welcome }: Member, progress: Progress | undefined): JourneyProps {
    const mail = progress !== undefined && 'receipt' in progress ? inbox.findByMessageId(progress.messageId) : undefined;
    return { context, welcome, progress, arrivedAt: context.link(mail === undefined ? '/inbox' : `/inbox/${mail.id}`) };
  }
}
