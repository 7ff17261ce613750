import { expect, test } from 'vitest';
import { newcomerOf, readForm } from '../src/sign-up-form.ts';

const email = 'haru@example.com';

test('a good form names a newcomer', () => {
  const form = readForm({ nickname: '  하루 ', email: ' haru@EXAMPLE.com ' });
  expect(form.faults).toEqual({});
  expect(newcomerOf(form, 'ko')).toEqual({ nickname: '하루', email, language: 'ko' });
});

test.each([
  ['nothing at all', undefined, { nickname: 'nicknameMissing', email: 'emailMissing' }],
  ['blanks', { nickname: ' ', email: '\t' }, { nickname: 'nicknameMissing', email: 'emailMissing' }],
  ['fields sent twice', { nickname: ['a', 'b'], email: [email, email] }, { nickname: 'nicknameMissing', email: 'emailMissing' }],
  ['a nickname of 41', { nickname: '집'.repeat(41), email }, { nickname: 'nicknameLong' }],
  ['a nickname with a line break', { nickname: 'ha\r\nru', email }, { nickname: 'nicknameOdd' }],
  ['no address', { nickname: '하루', email: 'nobody' }, { email: 'emailOdd' }],
  ['two addresses', { nickname: '하루', email: `${email},eve@example.com` }, { email: 'emailOdd' }],
  ['a name around the address', { nickname: '하루', email: `Haru <${email}>` }, { email: 'emailOdd' }],
  ['a smuggled header', { nickname: '하루', email: `${email}\r\nBcc: eve@example.com` }, { email: 'emailOdd' }],
])('%s', (_what, body, faults) => {
  const form = readForm(body);
  expect(form.faults).toEqual(faults);
  expect(newcomerOf(form, 'ko')).toBeUndefined();
});

test('40 characters are counted as people count them', () => {
  expect(readForm({ nickname: '🏠'.repeat(40), email }).faults).toEqual({});
});

test('what was typed is kept', () => {
  expect(readForm({ nickname: '하루', email: 'nobody' })).toMatchObject({ nickname: '하루', email: 'nobody' });
});
