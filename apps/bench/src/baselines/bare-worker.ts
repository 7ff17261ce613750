/**
 * What a mail costs at least with these libraries: a BullMQ job without data, and a message whose bytes are ready, sent over nodemailer's
 * SMTPConnection. Nothing is composed, rendered or recorded.
 */
import { Worker } from 'bullmq';
import { createTransport } from 'nodemailer';
import SMTPConnection from 'nodemailer/lib/smtp-connection';
import { serveParent, sharedClock } from '../servers/child.ts';
import type { SmtpSettings } from '../servers/smtp-target.ts';
import type { BaselineSettings } from './baseline-job.ts';

let worker: Worker | undefined;
const connections: SMTPConnection[] = [];
const idle: SMTPConnection[] = [];
const waiting: ((connection: SMTPConnection) => void)[] = [];
let message: Buffer = Buffer.alloc(0);
let sender = '';
let completed = 0;
let failure: Error | undefined;

const methods = {
  /** Opens the connections and composes the message once. */
  open: async ({ smtp, connections: count, sender: address, from, subject, html, text }: BaselineSettings) => {
    const stream = createTransport({ streamTransport: true, buffer: true, newline: 'windows' });
    const info = await stream.sendMail({ from, to: 'anne@example.net', subject, html, text });
    message = info.message as Buffer;
    sender = address;
    while (connections.length < count) connections.push(await connect(smtp));
    idle.push(...connections);
  },
  /** Takes jobs from here on. */
  work: async ({ redisPort, queueName }: BaselineSettings) => {
    worker = new Worker(queueName, () => transaction('anne@example.net'), {
      connection: { host: '127.0.0.1', port: redisPort, maxRetriesPerRequest: null },
      concurrency: connections.length,
    });
    worker.on('completed', () => {
      completed += 1;
    });
    worker.on('failed', (_job, error) => {
      failure = error;
    });
    await worker.waitUntilReady();
  },
  /** Jobs that are done. @throws when one has failed */
  completed: () => {
    if (failure !== undefined) throw failure;
    return completed;
  },
  transaction,
};

/** What its parent can call. */
export type BareWorker = typeof methods;

async function connect({ host, port, secure, auth, ca }: SmtpSettings): Promise<SMTPConnection> {
  const connection = new SMTPConnection({ host, port, secure, ...(ca !== undefined && { tls: { ca } }) });
  await new Promise<void>((resolve, reject) => {
    connection.once('error', reject);
    connection.connect(() => resolve());
  });
  if (auth !== undefined) {
    await new Promise<void>((resolve, reject) => connection.login({ credentials: auth }, (error) => (error ? reject(error) : resolve())));
  }
  return connection;
}

/** One transaction on a connection that is open and free. @returns when it began, ms of the shared clock */
async function transaction(recipient: string): Promise<number> {
  const connection = idle.pop() ?? (await new Promise<SMTPConnection>((resolve) => waiting.push(resolve)));
  const began = sharedClock();
  await new Promise<void>((resolve, reject) =>
    connection.send({ from: sender, to: [recipient] }, message, (error) => (error ? reject(error) : resolve())),
  );
  const next = waiting.shift();
  if (next === undefined) idle.push(connection);
  else next(connection);
  return began;
}

serveParent(methods, async () => {
  await worker?.close();
  for (const connection of connections) connection.close();
});
