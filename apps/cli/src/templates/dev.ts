/** `templates dev`: the live preview of the templates in the browser. */
import { resolve } from 'node:path';
import { Command, type CommandUnknownOpts, InvalidArgumentError } from '@commander-js/extra-typings';
import { defaultPorts, type Mailbox, parseMailbox, type Service } from '@posthouse/contract';
import { type CommandContext, examples } from '../command.ts';

/** The command `templates dev`. */
export function dev(context: CommandContext): CommandUnknownOpts {
  return new Command('dev')
    .summary('preview templates in the browser, live')
    .description(
      'Shows every template with each sample, language, width and color scheme, renders again what you save, and lists what is wrong. ' +
        'It listens on this machine only, and what it shows loads nothing from elsewhere. ' +
        '"Send me this" uses SMTP_URL and MAIL_FROM, else POSTHOUSE_URL and POSTHOUSE_KEY.',
    )
    .option('--templates <folder>', 'the template set; by default TEMPLATES_DIR, or ./templates')
    .option('--port <number>', 'the port to listen on; 0 takes any free one', parsePort, defaultPorts.preview)
    .option('--to <address>', 'recipient of the messages, and of what you send yourself', parseRecipient)
    .addHelpText(
      'after',
      examples(
        ['templates dev', 'preview ./templates'],
        ['templates dev --templates mails --port 0', 'preview another folder on any free port'],
      ),
    )
    .action(async ({ templates, port, to }) => {
      const { Preview } = await import('../preview/preview-server.ts');
      const { previewSender } = await import('../preview/send-preview.ts');
      const { stderr, durations } = context;
      const sending = await context.readSendingConfig();
      const shownDir = templates ?? context.readTemplatesDir();
      const preview = new Preview({
        dir: resolve(context.folder, shownDir),
        shownDir,
        port,
        timings: durations.timings,
        from: sending.from ?? { name: 'Posthouse', address: 'hello@example.com' },
        to,
        sender: previewSender(sending, durations.timings),
        onError: (error) => stderr.write(`✗ ${error.stack ?? error.message}\n`),
      });
      context.serve(withUrl(preview, (url) => stderr.write(`The preview is at ${url}. Ctrl-C ends it.\n`)));
    });
}

/** The same service, which says where it is once it has started. */
function withUrl(preview: Service & { readonly url: string }, show: (url: string) => void): Service {
  return {
    name: preview.name,
    start: async () => {
      await preview.start();
      show(preview.url);
    },
    stop: () => preview.stop(),
  };
}

function parsePort(text: string): number {
  const port = Number(text);
  if (/^\d{1,5}$/.test(text) && port <= 65_535) return port;
  throw new InvalidArgumentError('A port is a whole number from 0 to 65535.');
}

function parseRecipient(text: string): Mailbox {
  const mailbox = parseMailbox(text);
  if (mailbox === undefined) throw new InvalidArgumentError('It must be an address such as anne@example.com.');
  return mailbox;
}
