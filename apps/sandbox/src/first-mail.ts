/** The sandbox's own sign-up at the start: one member signs up, and the welcome mail is watched until it is in the inbox. */
import type { Inbox } from './inbox/inbox.ts';
import { lastReply, type MailApi, sentAfterMs } from './sign-up/mail-api.ts';
import type { Members, SignUpRequest } from './sign-up/members.ts';

/** The mail that arrived. As JSON it is the receipt that `npm start -- --once` prints last. */
interface FirstMail {
  id: string;
  state: 'sent';
  /** The relay's reply to the message. */
  response: string;
  messageId: string;
  provider: string;
  recipients: { address: string; state: string }[];
  /** ms from the sign-up until the API had accepted the mail. */
  acceptedInMs: number;
  /** ms from then until the relay had accepted it. */
  sentAfterMs: number;
}

/** The mail, or the reason why it has not arrived. */
export type FirstMailResult = FirstMail | { failure: string };

/** The member who signs up. */
export const firstMember: SignUpRequest = { nickname: '하루', email: 'haru@example.com', language: 'ko' };

/** The parts of the sandbox that the first mail passes through. */
export interface FirstMailParts {
  members: Members;
  api: MailApi;
  inbox: Inbox;
}

/**
 * Signs the first member up and waits for the mail.
 * @param timeoutMs how long it may take after it was accepted
 * @throws AbortError when the signal ends the wait
 */
export async function sendFirstMail(
  { members, api, inbox }: FirstMailParts,
  timeoutMs: number,
  signal: AbortSignal,
): Promise<FirstMailResult> {
  const { welcomeMail } = await members.signUp(firstMember);
  if ('error' in welcomeMail) return { failure: welcomeMail.error };
  const deadline = AbortSignal.timeout(timeoutMs);
  const aborted = AbortSignal.any([signal, deadline]);
  let failure = '';
  try {
    for await (const status of api.watch(welcomeMail.id, aborted)) {
      failure = 'error' in status ? status.error : `The mail is ${status.state}. ${lastReply(status) ?? ''}`.trim();
      if ('error' in status || status.receipt === undefined) continue;
      const { id, messageId = '', createdAt, receipt, recipients } = status;
      failure = `The mail is sent, but not to this inbox: another worker on this Redis took it, such as that of another sandbox. ${receipt.response}`;
      await inbox.waitFor(messageId, aborted);
      return {
        id,
        state: 'sent',
        response: receipt.response,
        messageId,
        provider: receipt.provider,
        recipients: recipients.map(({ address, state }) => ({ address, state })),
        acceptedInMs: welcomeMail.acceptedInMs,
        sentAfterMs: sentAfterMs(createdAt, receipt.at),
      };
    }
  } catch (error) {
    if (!deadline.aborted || signal.aborted) throw error;
    return { failure: `${failure} (after ${timeoutMs / 1000} s)` };
  }
  return { failure };
}
