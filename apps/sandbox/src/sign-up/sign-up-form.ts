/** The sign-up form: reads what was posted and checks each field. */
import { parseMailbox } from '@posthouse/contract';
import type { Language, Translations } from '../site/translations.ts';
import type { SignUpRequest } from './members.ts';

/** What is wrong with a field, as the key of its translation. */
type FieldError = keyof Translations & ('nicknameMissing' | 'nicknameTooLong' | 'nicknameInvalid' | 'emailMissing' | 'emailInvalid');

/** The form as it was posted, with its errors: the page shows both. */
export interface SignUpForm {
  nickname: string;
  email: string;
  errors: { nickname?: FieldError; email?: FieldError };
}

/** The form before anything was typed. */
export const emptyForm: SignUpForm = { nickname: '', email: '', errors: {} };

/** Unicode code points. */
const maxNicknameLength = 40;

/** @param body the parsed request body, of any shape */
export function parseSignUpForm(body: unknown): SignUpForm {
  const fields = (body ?? {}) as Record<string, unknown>;
  const nickname = fieldText(fields['nickname']);
  const email = fieldText(fields['email']);
  const nicknameError = checkNickname(nickname);
  const emailError = checkEmail(email);
  return {
    nickname,
    email,
    errors: { ...(nicknameError && { nickname: nicknameError }), ...(emailError && { email: emailError }) },
  };
}

/** @returns undefined when the form has errors */
export function toSignUpRequest({ nickname, email, errors }: SignUpForm, language: Language): SignUpRequest | undefined {
  const mailbox = parseMailbox({ address: email });
  if (mailbox === undefined || Object.keys(errors).length > 0) return undefined;
  return { nickname, email: mailbox.address, language };
}

function checkNickname(nickname: string): FieldError | undefined {
  if (nickname === '') return 'nicknameMissing';
  if ([...nickname].length > maxNicknameLength) return 'nicknameTooLong';
  return /\p{Cc}/u.test(nickname) ? 'nicknameInvalid' : undefined;
}

function checkEmail(email: string): FieldError | undefined {
  if (email === '') return 'emailMissing';
  return parseMailbox({ address: email }) === undefined ? 'emailInvalid' : undefined;
}

/** A field that was posted twice is parsed as a list and counts as missing; no browser sends one for our form. */
function fieldText(value: unknown): string {
  return typeof value === 'string' ? value.normalize('NFC').trim() : '';
}
