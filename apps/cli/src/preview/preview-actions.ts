/** What the forms of the preview do: save a sample, and send a mail. */
import { parseMailbox } from '@posthouse/contract';
import type { FastifyPluginAsync } from 'fastify';
import type { LiveTemplates } from './live-templates.ts';
import type { MailSettings, OpenedMails } from './opened-mails.ts';
import { problemText } from './preview-layout.tsx';
import type { MailState } from './preview-state.ts';
import { saveSample } from './save-sample.ts';

/** The fields of a form in their order. @param body as @fastify/formbody reads it */
export function formOf(body: unknown): URLSearchParams {
  const fields = Object.entries((body ?? {}) as Record<string, unknown>);
  return new URLSearchParams(fields.filter((field): field is [string, string] => typeof field[1] === 'string'));
}

/** Each answer is JSON with a message for the person at the form. */
export function previewActions(live: LiveTemplates, mails: OpenedMails, { sender }: MailSettings): FastifyPluginAsync {
  return async (app) => {
    app.post<{ Params: MailState; Body: unknown }>('/_/samples/:template/:sample/:locale', async ({ params, body }, reply) => {
      const form = formOf(body);
      const { template, data, result } = await mails.open(params, await mails.edited(params.template, form));
      // A sample that does not fit its schema, or does not render, would be an issue of the template.
      if (result.kind !== 'mail')
        return reply.code(422).send({ message: `Not saved. ${problemText(result).title}: ${problemText(result).detail}` });
      const name = form.get('sample-name') ?? '';
      const saved = await saveSample(live.dir, template.name, name, data, form.get('replace') === 'yes');
      if (saved.kind === 'exists') return reply.code(409).send({ message: `The sample ${name} exists.`, exists: true });
      if (saved.kind === 'refused') return reply.code(422).send({ message: saved.message });
      return reply.send({ message: `Saved as ${saved.file}.` });
    });

    app.post<{ Params: MailState; Body: unknown }>('/_/send/:template/:sample/:locale', async ({ params, body }, reply) => {
      const form = formOf(body);
      const to = parseMailbox(form.get('send-to') ?? '');
      if (sender === undefined) return reply.code(422).send({ message: 'Nothing is configured to send with.' });
      if (to === undefined)
        return reply.code(422).send({ message: 'That is not an address that mail can be sent to, such as anne@example.com.' });
      const { from, result } = await mails.open(params, await mails.edited(params.template, form));
      if (result.kind !== 'mail')
        return reply.code(422).send({ message: `Not sent. ${problemText(result).title}: ${problemText(result).detail}` });
      const { subject, html, text } = result.mail;
      try {
        return reply.send({ message: await sender.send({ subject, html, text, from, to }) });
      } catch (error) {
        return reply.code(502).send({ message: `Not sent: ${(error as Error).message}` });
      }
    });
  };
}
