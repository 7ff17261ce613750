/** The sandbox's own sign-up: one member joins, and the welcome mail is followed until it lies in the inbox. */
import type { Inbox } from './inbox.ts';
import type { MailApi } from './mail-api.ts';
import { followMail, lastReply, sentAfterMs } from './mail-progress.ts';
import type { SignUp, SignUpRequest } from './sign-up.ts';

/** The mail that arrived. As JSON it is the receipt that `npm start -- --once` ends with. */
export interface FirstMail {
  id: string;
  state: 'sent';
  /** What the relay replied to the message. */
  response: string;
  messageId: string;
  provider: string;
  recipients: { address: string; state: string }[];
  /** ms that the API took to accept it, seen from the sign-up. */
  acceptedInMs: number;
  /** ms from then until the relay had accepted it. */
  sentAfterMs: number;
}

/** Who signs up. */
export const firstMember: SignUpRequest = { nickname: '하루', email: 'haru@example.com', language: 'ko' };

const timeoutMs = 30_000;

/** What the first mail goes through. */
export interface FirstMailParts {
  signUp: SignUp;
  api: MailApi;
  inbox: Inbox;
}

/**
 * Signs the first member up and waits for the mail.
 * @returns the mail, or why it has not arrived
 * @throws AbortError when the signal ended the wait
 */
export async function sendFirstMail(parts: FirstMailParts, signal: AbortSignal): Promise<FirstMail | { missing: string }> {
  const { welcome } = await parts.signUp.join(firstMember);
  if ('refusal' in welcome) return { missing: welcome.refusal };
  const deadline = AbortSignal.timeout(timeoutMs);
  const until = AbortSignal.any([signal, deadline]);
  let known = '';
  try {
    for await (const progress of followMail(welcome.id, parts.api, until)) {
      known = 'unknown' in progress ? progress.unknown : `It is ${progress.state}. ${lastReply(progress) ?? ''}`.trim();
      if ('unknown' in progress || progress.receipt === undefined) continue;
      const { id, messageId, receipt, recipients } = progress;
      await parts.inbox.arrivalOf(messageId, until);
      return {
        id,
        state: 'sent',
        response: receipt.response,
        messageId,
        provider: receipt.provider,
        recipients: recipients.map(({ address, state }) => ({ address, state })),
        acceptedInMs: welcome.acceptedInMs,
        sentAfterMs: sentAfterMs(progress.createdAt, receipt.at),
      };
    }
  } catch (error) {
    if (!deadline.aborted || signal.aborted) throw error;
    return { missing: `${known} (after ${timeoutMs / 1000} s)` };
  }
  return { missing: known };
}
