/** The project's mails: accessible, small, safe and complete in every locale. */
import { expect, test } from 'vitest';
import { loadRenderer } from '../src/render.ts';
import { mailsDir } from './template-set-fixture.ts';

const renderer = await loadRenderer(mailsDir);
const mails = [...renderer.catalogue.templates.values()].flatMap(({ name, locales, samples }) =>
  locales.flatMap((locale) =>
    Object.entries(samples).map(([sample, data]) => ({ name, locale, sample, data, ...renderer.render(name, data, locale) })),
  ),
);
const mail = (name: string, locale: string) => {
  const found = mails.find((candidate) => candidate.name === name && candidate.locale === locale && candidate.sample === 'default');
  if (found === undefined) throw new Error(`no mail ${name} in ${locale}`);
  return found;
};

const names = ['invitation', 'magic-link', 'password-reset', 'receipt', 'security-alert', 'signup', 'verify-address', 'weekly-digest'];

test('there are eight mails, each in Korean first and in English, and with four samples', () => {
  const found = [...renderer.catalogue.templates].map(([name, { locales, samples }]) => [name, locales, Object.keys(samples)]);
  expect(found).toEqual(names.map((name) => [name, ['ko', 'en'], ['default', 'empty', 'long', 'right-to-left']]));
});

test.each(mails)('$name in $locale, $sample: readable everywhere', ({ locale, html, text, subject }) => {
  // Gmail clips at 102 KB.
  expect(Buffer.byteLength(html)).toBeLessThan(102 * 1024);
  expect(html).toContain(`<html lang="${locale}" dir="ltr"`);
  expect(html).toContain('<meta name="color-scheme" content="light dark">');
  expect(html).toContain('@media (prefers-color-scheme: dark)');
  // Nothing is loaded, so nothing can be missing or track the reader.
  expect(html).not.toMatch(/<img|<link|url\(|@import|\ssrc=/);
  const links = [...html.matchAll(/<a\s[^>]*href="([^"]*)"[^>]*>([\s\S]*?)<\/a>/g)];
  expect(links.length).toBeGreaterThan(0);
  for (const [, href, inner = ''] of links) {
    expect(href).toMatch(/^(https|mailto):/);
    expect(inner.replace(/<[^>]*>/g, '').trim()).not.toBe('');
  }
  for (const part of [html, text, subject]) expect(part).not.toMatch(/\{\{|\}\}|undefined|\[object|[\ue000-\uf8ff]/);
  expect(text).not.toMatch(/&(amp|nbsp|#|lt|zwnj)|\n{3}/);
});

test('signup: the subject, the greeting, and exactly nickname and email as its data', () => {
  expect(mail('signup', 'ko').subject).toBe('Your House Today에 가입해주셔서 감사합니다!');
  expect(mail('signup', 'en').subject).toBe('Thank you for joining Your House Today!');
  expect(mail('signup', 'ko').text).toContain('하루님,\n반갑습니다.');
  expect(mail('signup', 'ko').text).toContain('haru@example.com');
  expect(renderer.catalogue.templates.get('signup')?.schema).toMatchObject({
    required: ['nickname', 'email'],
    additionalProperties: false,
  });
});

test('signup: the preheader is in the HTML, hidden, and not in the text', () => {
  const preheader = '하루님, 오늘 문을 연 집을 소개합니다.';
  expect(mail('signup', 'ko').html).toMatch(new RegExp(`<div style="display:none;[^"]*">${preheader.replace('.', '\\.')}`));
  expect(mail('signup', 'ko').text).not.toContain(preheader);
});

test('password-reset: the link is sensitive, complete in the text, and appears once where it is its own text', () => {
  const { data, text, html } = mail('password-reset', 'ko');
  const link = String(data['resetUrl']);
  expect(renderer.catalogue.templates.get('password-reset')).toMatchObject({ sensitive: ['/resetUrl'], priority: 'high' });
  expect(text.split(link)).toHaveLength(3);
  expect(text).toContain(`새 비밀번호 설정하기 <${link}>`);
  expect(text).toContain(`\n${link}\n`);
  expect(html).toContain('30분 동안');
  expect(() => renderer.render('password-reset', { ...data, resetUrl: 'javascript:alert(1)' }, 'ko')).toThrow('javascript:');
});

test('receipt: item, quantity and price of a row are separated, amounts are formatted for the locale', () => {
  expect(mail('receipt', 'ko').text).toContain(
    '항목 | 수량 | 단가\n연남동 볕 드는 집, 하루 머무름 | 1 | ₩48,000\n집주인의 아침 식탁 | 2 | ₩9,500\n',
  );
  expect(mail('receipt', 'ko').text).toContain('합계 | ₩73,000');
  expect(mail('receipt', 'ko').text).toContain('결제 일시 | 2026년 11월 22일 15:20');
  expect(mail('receipt', 'en').text).toContain('Paid on | Nov 22, 2026, 15:20 (Seoul)');
  expect(mail('receipt', 'ko').html.match(/₩9,500/g)).toHaveLength(1);
});
