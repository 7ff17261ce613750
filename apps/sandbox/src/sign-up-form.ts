/** What somebody typed into the sign-up form, and whether they can join with it. */
import { parseMailbox } from '@posthouse/contract';
import type { SignUpRequest } from './sign-up.ts';
import type { Language, Translations } from './translations.ts';

/** What is wrong with a field: the name of a sentence. */
type FieldFault = keyof Translations & ('nicknameMissing' | 'nicknameLong' | 'nicknameOdd' | 'emailMissing' | 'emailOdd');

/** The form as it was sent: shown again when something is wrong with it. */
export interface SignUpForm {
  nickname: string;
  email: string;
  faults: { nickname?: FieldFault; email?: FieldFault };
}

/** The form before anything was typed. */
export const emptyForm: SignUpForm = { nickname: '', email: '', faults: {} };

const longestNickname = 40;

/** Reads what a browser, or anybody else, has posted. */
export function readForm(body: unknown): SignUpForm {
  const fields = (body ?? {}) as Record<string, unknown>;
  const nickname = textOf(fields['nickname']);
  const email = textOf(fields['email']);
  const nicknameFault = faultOfNickname(nickname);
  const emailFault = faultOfEmail(email);
  return {
    nickname,
    email,
    faults: { ...(nicknameFault && { nickname: nicknameFault }), ...(emailFault && { email: emailFault }) },
  };
}

/** Who wants to join, or undefined while the form has faults. */
export function newcomerOf({ nickname, email, faults }: SignUpForm, language: Language): SignUpRequest | undefined {
  const mailbox = parseMailbox({ address: email });
  if (mailbox === undefined || Object.keys(faults).length > 0) return undefined;
  return { nickname, email: mailbox.address, language };
}

function faultOfNickname(nickname: string): FieldFault | undefined {
  if (nickname === '') return 'nicknameMissing';
  if ([...nickname].length > longestNickname) return 'nicknameLong';
  return /\p{Cc}/u.test(nickname) ? 'nicknameOdd' : undefined;
}

function faultOfEmail(email: string): FieldFault | undefined {
  if (email === '') return 'emailMissing';
  return parseMailbox({ address: email }) === undefined ? 'emailOdd' : undefined;
}

/** A field that was sent twice comes as a list, which no browser with our form does. */
function textOf(value: unknown): string {
  return typeof value === 'string' ? value.normalize('NFC').trim() : '';
}
