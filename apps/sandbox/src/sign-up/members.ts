/**
 * The back-end of the sign-up page: it adds a member and hands the welcome mail to Posthouse.
 * If that fails, the sign-up stands: the failure is logged, and the member's page shows it.
 */
import { randomUUID } from 'node:crypto';
import { RecentItems } from '../inbox/recent-items.ts';
import type { Language } from '../site/translations.ts';
import type { MailApi } from './mail-api.ts';

/** Checked input of the sign-up form. */
export interface SignUpRequest {
  nickname: string;
  email: string;
  language: Language;
}

/** Somebody who has signed up. */
export interface Member extends SignUpRequest {
  id: string;
  welcomeMail: WelcomeMail;
}

/** The mail's id and how long the API took to accept it, or why it was not accepted. */
export type WelcomeMail = { id: string; acceptedInMs: number } | { error: string };

const maxMembers = 500;

/** The latest members. A real service has a database here. */
export class Members {
  readonly #members = new RecentItems<Member>(maxMembers);
  readonly #api: MailApi;
  readonly #log: (line: string) => void;

  /** @param log writes a line to the terminal */
  constructor(api: MailApi, log: (line: string) => void) {
    this.#api = api;
    this.#log = log;
  }

  /** Adds a member, whether or not the welcome mail was accepted. */
  async signUp(request: SignUpRequest): Promise<Member> {
    const id = randomUUID();
    const member = { ...request, id, welcomeMail: await this.#sendWelcomeMail(id, request) };
    this.#members.add(member);
    return member;
  }

  find(id: string): Member | undefined {
    return this.#members.find(id);
  }

  async #sendWelcomeMail(memberId: string, { nickname, email, language }: SignUpRequest): Promise<WelcomeMail> {
    const startedAt = performance.now();
    const result = await this.#api.client.mails.trySend(
      { to: email, template: 'signup', data: { nickname, email }, locale: language },
      { idempotencyKey: `signup:${memberId}` },
    );
    if (result.ok) return { id: result.mail.id, acceptedInMs: Math.round(performance.now() - startedAt) };
    const { message } = result.error;
    this.#log(`! A member signed up, but the welcome mail was not accepted. ${message}`);
    return { error: message };
  }
}
