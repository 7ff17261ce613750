import { expect, test } from 'vitest';
import { parseSignUpForm, toSignUpRequest } from '../src/sign-up/sign-up-form.ts';

const email = 'haru@example.com';

test('a valid form becomes a sign-up request', () => {
  const form = parseSignUpForm({ nickname: '  하루 ', email: ' haru@EXAMPLE.com ' });
  expect(form.errors).toEqual({});
  expect(toSignUpRequest(form, 'ko')).toEqual({ nickname: '하루', email, language: 'ko' });
});

test.each([
  ['no body', undefined, { nickname: 'nicknameMissing', email: 'emailMissing' }],
  ['white space', { nickname: ' ', email: '\t' }, { nickname: 'nicknameMissing', email: 'emailMissing' }],
  ['fields sent twice', { nickname: ['a', 'b'], email: [email, email] }, { nickname: 'nicknameMissing', email: 'emailMissing' }],
  ['a nickname of 41 characters', { nickname: '집'.repeat(41), email }, { nickname: 'nicknameTooLong' }],
  ['a nickname with a line break', { nickname: 'ha\r\nru', email }, { nickname: 'nicknameInvalid' }],
  ['an invalid address', { nickname: '하루', email: 'nobody' }, { email: 'emailInvalid' }],
  ['two addresses', { nickname: '하루', email: `${email},eve@example.com` }, { email: 'emailInvalid' }],
  ['a display name with the address', { nickname: '하루', email: `Haru <${email}>` }, { email: 'emailInvalid' }],
  ['an injected header', { nickname: '하루', email: `${email}\r\nBcc: eve@example.com` }, { email: 'emailInvalid' }],
])('rejects %s', (_what, body, errors) => {
  const form = parseSignUpForm(body);
  expect(form.errors).toEqual(errors);
  expect(toSignUpRequest(form, 'ko')).toBeUndefined();
});

test('a nickname is measured in code points, not in UTF-16 units', () => {
  expect(parseSignUpForm({ nickname: '🏠'.repeat(40), email }).errors).toEqual({});
});

test('an invalid form keeps what was typed', () => {
  expect(parseSignUpForm({ nickname: '하루', email: 'nobody' })).toMatchObject({ nickname: '하루', email: 'nobody' });
});
