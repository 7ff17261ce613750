/** Accepts a submitted message: checked like `content.raw` of the API, with the envelope of SMTP. */
import { type ApiKey, senderIssue } from '@posthouse/access';
import { canonicalJson, type IssueCode, type Mailbox } from '@posthouse/contract';
import { type CallerMessage, readCallerMessage } from '@posthouse/message';
import {
  type Acceptance,
  AcceptanceRefused,
  type Accepted,
  acceptMail,
  type MailQueue,
  QueueUnavailable,
  redisFailures,
} from '@posthouse/queue';
import { readOptions } from './option-fields.ts';
import { type Reply, replies } from './replies.ts';

/** The envelope, its addresses in stored form. */
export interface SubmittedEnvelope {
  /** '' for none, `<>`. */
  from: string;
  to: readonly string[];
}

/**
 * Accepts a mail: its record and its job are stored.
 * @param fromDomains that a sender may have
 * @throws Reply that says why nothing was accepted, or, where Redis did not answer, that this is not known
 */
export async function acceptSubmitted(
  queue: MailQueue,
  bytes: Buffer,
  envelope: SubmittedEnvelope,
  apiKey: ApiKey,
  fromDomains: readonly string[],
): Promise<Accepted<Acceptance>> {
  // At MAIL FROM it is refused at once; the rights may have changed since the login.
  if (apiKey.rights.templates !== undefined) throw replies.templatesOnly();
  const read = readCallerMessage(bytes);
  if ('issues' in read) throw refusalOf(read.issues);
  for (const { field, address } of read.senders) {
    const advice = senderIssue(address, fromDomains, apiKey.rights);
    if (advice !== undefined) throw replies.foreignSender(`in ${field} ${advice}`);
  }
  const content = { raw: { subject: read.subject, message: read.message.toString('base64') }, attachments: [], headers: {} };
  const fields = readOptions(read.removed);
  if (typeof fields === 'string') throw replies.option(fields);
  const { idempotencyKey } = fields;
  const key = idempotencyKey === undefined ? undefined : { apiKey: apiKey.name, key: idempotencyKey, request: identityOf(envelope, read) };
  try {
    return await acceptMail(queue, { apiKey, key }, (now) => {
      const options = fields.at(now);
      if (typeof options === 'string') throw replies.option(options);
      return {
        apiKey: apiKey.name,
        envelope: { from: read.from, to: envelope.to.map(mailboxOf), cc: [], bcc: [], replyTo: [], returnPath: envelope.from || '<>' },
        content,
        ...(read.messageId !== undefined && { messageId: read.messageId }),
        ...options,
      };
    });
  } catch (error) {
    throw toReply(error);
  }
}

/**
 * What must be the same when a mail is sent again with its idempotency key. A program that makes the message again writes another
 * Message-ID, another date and other boundaries into it.
 */
function identityOf({ from, to }: SubmittedEnvelope, { from: author, subject }: CallerMessage): string {
  return `smtp\n${canonicalJson({ from, to: [...to].sort(), author: author.address, subject })}`;
}

function mailboxOf(address: string): Mailbox {
  return { address };
}

function refusalOf(issues: readonly { message: string; code: IssueCode }[]): Reply {
  const [issue, ...more] = issues;
  const text = `${issue?.message ?? 'cannot be read'}${more.length > 0 ? ` (and ${more.length} more)` : ''}`;
  return issue?.code === 'too-large' ? replies.tooLarge(text) : replies.message(text);
}

/** The reply where Redis cannot be used. */
export function unavailable({ timedOut, failure }: QueueUnavailable): Reply {
  return replies.unavailable(timedOut ? 'Redis did not answer in time' : redisFailures[failure].meaning);
}

function toReply(error: unknown): unknown {
  if (error instanceof QueueUnavailable) return unavailable(error);
  if (!(error instanceof AcceptanceRefused)) return error;
  if (error.kind === 'limited') return replies.limited(error.rate?.waitMs ?? 0);
  return error.kind === 'busy' ? replies.inProgress() : replies.otherMail();
}
