/**
 * What a good developer writes in an afternoon: a BullMQ worker, a template that was compiled once, and nodemailer's pooled transport.
 * No record, no transcript, no gate, no sealing; a crash between sending and completing sends the mail twice.
 */
import { Worker } from 'bullmq';
import Handlebars from 'handlebars';
import { createTransport } from 'nodemailer';
import { serveParent } from '../servers/child.ts';
import type { BaselineSettings, MailJob } from './baseline-job.ts';

/** The pool always has a mail for each of its connections. */
const jobsPerConnection = 4;

let worker: Worker<MailJob> | undefined;
let close = () => {};
let completed = 0;
let failure: Error | undefined;

const methods = {
  /** Resolves when it takes jobs. */
  start: async ({ redisPort, queueName, smtp, connections, from, subject, html, text }: BaselineSettings) => {
    const htmlOf = Handlebars.compile<MailJob>(html);
    const textOf = Handlebars.compile<MailJob>(text, { noEscape: true });
    const transport = createTransport({
      pool: true,
      maxConnections: connections,
      maxMessages: Number.POSITIVE_INFINITY,
      host: smtp.host,
      port: smtp.port,
      secure: smtp.secure,
      ...(smtp.auth !== undefined && { auth: smtp.auth }),
      ...(smtp.ca !== undefined && { tls: { ca: smtp.ca } }),
    });
    close = () => transport.close();
    await transport.verify();
    worker = new Worker<MailJob>(
      queueName,
      async ({ data }) => {
        await transport.sendMail({ from, to: data.to, subject, html: htmlOf(data), text: textOf(data) });
      },
      { connection: { host: '127.0.0.1', port: redisPort, maxRetriesPerRequest: null }, concurrency: connections * jobsPerConnection },
    );
    worker.on('completed', () => {
      completed += 1;
    });
    worker.on('failed', (_job, error) => {
      failure = error;
    });
    await worker.waitUntilReady();
  },
  /** Mails that are sent. @throws when one has failed */
  completed: () => {
    if (failure !== undefined) throw failure;
    return completed;
  },
};

/** What its parent can call. */
export type TutorialWorker = typeof methods;

serveParent(methods, async () => {
  await worker?.close();
  close();
});
