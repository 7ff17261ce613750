/**
 * The back-end of "오늘은 너네집": what happens when somebody signs up. The welcome mail is handed to Posthouse and
 * forgotten; if that fails, the sign-up stands all the same: the failure is logged, and the page says so.
 */
import { randomUUID } from 'node:crypto';
import type { MailApi } from './mail-api.ts';
import { RecentItems } from './recent-items.ts';
import type { Language } from './translations.ts';

/** Somebody who wants to join; checked. */
export interface SignUpRequest {
  nickname: string;
  email: string;
  language: Language;
}

/** Somebody who has joined. */
export interface Member extends SignUpRequest {
  id: string;
  welcome: WelcomeMail;
}

/** What came of handing the welcome mail over: its id, and how long that took, or why it was not accepted. */
export type WelcomeMail = { id: string; acceptedInMs: number } | { refusal: string };

const max = 500;

/** The members, newest only. A real service has a database here. */
export class SignUp {
  readonly #members = new RecentItems<Member>(max);
  readonly #api: MailApi;
  readonly #tell: (line: string) => void;

  /** @param tell the log */
  constructor(api: MailApi, tell: (line: string) => void) {
    this.#api = api;
    this.#tell = tell;
  }

  /** Never fails for the mail's sake. */
  async join(newcomer: SignUpRequest): Promise<Member> {
    const id = randomUUID();
    const member = { ...newcomer, id, welcome: await this.#welcome(id, newcomer) };
    this.#members.add(member);
    return member;
  }

  find(id: string): Member | undefined {
    return this.#members.find(id);
  }

  async #welcome(memberId: string, { nickname, email, language }: SignUpRequest): Promise<WelcomeMail> {
    const begun = performance.now();
    try {
      const mail = { to: email, template: 'signup', data: { nickname, email }, locale: language };
      const id = await this.#api.send(mail, `signup:${memberId}`);
      return { id, acceptedInMs: Math.round(performance.now() - begun) };
    } catch (error) {
      const refusal = (error as Error).message;
      this.#tell(`! A member joined, but the welcome mail was not accepted. ${refusal}`);
      return { refusal };
    }
  }
}
