/** The job of the baselines, as the tutorials of BullMQ have it: the data of the mail is in the job. */
import type { JobsOptions } from 'bullmq';
import type { SmtpSettings } from '../servers/smtp-target.ts';

export interface MailJob {
  to: string;
  nickname: string;
}

/** What a job is added with: tried again a few times, and not kept for ever. */
export const jobOptions: JobsOptions = {
  attempts: 5,
  backoff: { type: 'exponential', delay: 30_000 },
  removeOnComplete: { count: 1000 },
  removeOnFail: { count: 5000 },
};

/** What the sender of a baseline is given at its start. */
export interface BaselineSettings {
  redisPort: number;
  queueName: string;
  smtp: SmtpSettings;
  connections: number;
  /** The envelope's sender, and the From header with a name. */
  sender: string;
  from: string;
  subject: string;
  /** Handlebars. */
  html: string;
  text: string;
}
