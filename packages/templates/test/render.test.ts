import { MailFailure } from '@posthouse/contract';
import { expect, test } from 'vitest';
import { loadRenderer } from '../src/render.ts';
import { column, hello, issuesOf, manifest, writeSet } from './template-set-fixture.ts';

const body = column('<mj-text>Dear {{name}}</mj-text>');

async function rendered(files: Record<string, unknown>, data: object = { name: 'Anne' }, locale?: string) {
  return (await loadRenderer(await writeSet(files))).render('hello', data, locale);
}

test('HTML is escaped; the subject and the text are not', async () => {
  const { subject, html, text } = await rendered(hello(body), { name: `O'Brien & <b>Sons</b>` });
  expect(subject).toBe("Hello O'Brien & <b>Sons</b>");
  expect(html).toContain('Dear O&#x27;Brien &amp; &lt;b&gt;Sons&lt;/b&gt;');
  expect(html).not.toContain('<b>Sons');
  expect(text).toBe("Dear O'Brien & <b>Sons</b>\n");
});

test('a renderer has the hash and the catalogue of its set', async () => {
  const renderer = await loadRenderer(await writeSet(hello(body)));
  expect(renderer.hash).toBe(renderer.catalogue.hash);
  expect([...renderer.catalogue.check('hello', {})]).toMatchObject([{ pointer: '/name', message: 'is missing' }]);
});

test('a mail that cannot be rendered fails permanently, with its reason', async () => {
  const renderer = await loadRenderer(await writeSet(hello(body)));
  const failure = (name: string, data: object) => {
    try {
      return renderer.render(name, data);
    } catch (error) {
      if (!(error instanceof MailFailure)) throw error;
      return [error.verdict, error.reason, error.message];
    }
  };
  expect(failure('bye', {})).toEqual(['FAIL', 'template-unknown', `There is no template named bye in the set ${renderer.hash}.`]);
  expect(failure('hello', {})).toEqual([
    'FAIL',
    'render',
    expect.stringContaining('The template hello does not render: "name" not defined'),
  ]);
  for (const name of ['a\r\nBcc: eve@example.com', 'a\nb', 'a\rb', 'a\u0000b', 'a\u2028b']) {
    expect(failure('hello', { name })).toEqual(['FAIL', 'render', expect.stringContaining('the subject has a line break')]);
  }
});

test('content is rendered from the template, or literal as the caller sent it', async () => {
  const renderer = await loadRenderer(await writeSet(hello(body)));
  const none = { attachments: [], headers: {} };
  const template = (name: string, data: object) => ({
    ...none,
    template: { name, locale: 'en', data: data as Record<string, unknown> },
  });
  expect(renderer.renderContent(template('hello', { name: 'Anne' }))).toEqual(renderer.render('hello', { name: 'Anne' }));
  expect(() => renderer.renderContent(template('bye', {}))).toThrow('There is no template named bye');
  expect(() => renderer.renderContent(template('hello', { nmae: 'Anne' }))).toThrow(
    'the data no longer fits the template hello: /name is missing; /nmae is not a known field; did you mean `name`?',
  );
  const literal = { subject: 'Hi', html: '<p>Dear <b>Anne</b></p>' };
  expect(renderer.renderContent({ ...none, literal })).toEqual({ ...literal, text: 'Dear Anne\n' });
  expect(renderer.renderContent({ ...none, literal: { ...literal, text: 'Anne!' } })).toEqual({ ...literal, text: 'Anne!' });
  expect(renderer.renderContent({ ...none, literal: { subject: 'Hi', text: 'Anne!' } })).toEqual({ subject: 'Hi', text: 'Anne!' });
  expect(() => renderer.renderContent(none)).toThrow('has neither a template nor literal content');
});

test('strings come from the locale, can use the data and their arguments, and are escaped', async () => {
  const files = hello(
    column("<mj-text>{{t 'greeting' time='day'}}</mj-text><mj-text lang=\"x\">{{@locale}}</mj-text>").replace(' lang="x"', ''),
    {
      'hello/locales/en.json': { subject: 'Hello {{name}}', greeting: 'Good {{time}} <{{name}}> & co' },
      'hello/locales/ko.json': { subject: '{{name}}님, 안녕하세요', greeting: '<{{name}}>님, 안녕하세요' },
      '_layout/locales/en.json': { greeting: 'never seen', unused: 'x' },
    },
  );
  const english = await rendered(files, { name: 'Q&A' });
  expect(english.html).toContain('Good day &lt;Q&amp;A&gt; &amp; co');
  expect(english.text).toBe('Good day <Q&A> & co\n\nen\n');
  expect(await rendered(files, { name: '하루' }, 'ko-KR')).toMatchObject({
    subject: '하루님, 안녕하세요',
    text: '<하루>님, 안녕하세요\n\nko\n',
  });
});

test("the layout's strings are available in every template", async () => {
  const files = hello(column("<mj-text>{{t 'footer'}}</mj-text>"), { '_layout/locales/en.json': { footer: 'Write to us, {{name}}' } });
  expect((await rendered(files)).text).toBe('Write to us, Anne\n');
});

test('money, numbers and dates are formatted for the locale', async () => {
  const properties = { at: { type: 'string' }, amount: { type: 'number' }, currency: { type: 'string' } };
  const data = { name: 'Anne', at: '2026-11-22T18:30:00Z', amount: 12900.5, currency: 'KRW' };
  const mustaches =
    "{{money amount currency}} {{number amount}} {{date at}} {{date at dateStyle='short' timeZone='Asia/Seoul'}} {{date at year='numeric' month='long'}}";
  const files = hello(column(`<mj-text>${mustaches}</mj-text>`), {
    'hello/template.json': manifest(properties),
    'hello/samples/default.json': data,
    'hello/locales/en.json': {},
    'hello/locales/ko.json': {},
    'hello/locales/de.json': {},
  });
  const renderer = await loadRenderer(await writeSet(files));
  const text = (more: object, locale: string) =>
    renderer
      .render('hello', { ...data, ...more }, locale)
      .text.replaceAll('\u00a0', ' ')
      .trim();
  expect(text({}, 'en')).toBe('₩12,901 12,900.5 November 22, 2026 11/23/26 November 2026');
  expect(text({}, 'ko')).toBe('₩12,901 12,900.5 2026년 11월 22일 26. 11. 23. 2026년 11월');
  expect(text({ currency: 'EUR' }, 'de')).toBe('12.900,50 € 12.900,5 22. November 2026 23.11.26 November 2026');
  expect(() => text({ currency: 'won' }, 'ko')).not.toThrow();
  expect(() => text({ currency: 'x' }, 'ko')).toThrow('does not render');
  expect(() => text({ amount: '3' }, 'ko')).toThrow('the value to format as a number is not a number');
  expect(() => text({ at: 'soon' }, 'ko')).toThrow('the value to format as a date is not a date');
});

test('a link is https, http or mailto; everything else is rejected', async () => {
  const files = hello(column(`<mj-button href="{{url link}}">Go</mj-button>`), {
    'hello/template.json': manifest({ link: { type: 'string' } }),
    'hello/samples/default.json': { name: 'Anne', link: 'https://example.com/?a=1&b="2"' },
  });
  const renderer = await loadRenderer(await writeSet(files));
  const link = (value: unknown) => renderer.render('hello', { name: 'Anne', link: value });
  expect(link('https://example.com/?a=1&b="2"').html).toContain('href="https://example.com/?a&#x3D;1&amp;b&#x3D;%222%22"');
  expect(link('https://example.com/?a=1&b=2').text).toBe('Go <https://example.com/?a=1&b=2>\n');
  expect(link('mailto:anne@example.com').html).toContain('href="mailto:anne@example.com"');
  expect(link('http://example.com/a\r\nb').text).toBe('Go <http://example.com/ab>\n');
  for (const bad of [
    'javascript:alert(1)',
    ' JavaScript:alert(1)',
    'java\nscript:alert(1)',
    'data:text/html,x',
    'file:///etc/passwd',
    '//example.com',
    '/path',
    '',
    3,
  ]) {
    expect(() => link(bad)).toThrow(MailFailure);
  }
});

test('text.hbs replaces the derived text, and is not escaped', async () => {
  const files = hello(body, { 'hello/text.hbs': "Dear {{name}},\n\n{{t 'preheader'}}\n" });
  expect((await rendered(files, { name: "O'Brien" })).text).toBe("Dear O'Brien,\n\nA word for O'Brien\n");
  expect(await issuesOf(loadRenderer, hello(body, { 'hello/text.hbs': 'Dear\n{{nmae}} {{{name}}}' }))).toEqual([
    'hello/text.hbs:2 uses {{nmae}}, which is not in the schema',
    'hello/text.hbs:2 outputs name unescaped, with {{{ or {{&',
  ]);
});

test('a sample that does not render is an issue in each locale concerned', async () => {
  const files = hello(body, {
    'hello/template.json': manifest({ note: { type: 'string' } }, { subject: 'About {{note}}' }),
    'hello/samples/full.json': { name: 'Anne', note: 'x' },
    'hello/locales/en.json': {},
    'hello/locales/ko.json': { subject: '안녕하세요' },
  });
  expect(await issuesOf(loadRenderer, files)).toEqual([
    expect.stringContaining('hello/samples/default.json does not render in en: "note" not defined'),
  ]);
});

test('issues of several templates are listed together, and those of a shared layout once', async () => {
  const files = {
    ...hello('<mj-include path="../_layout/foot.mjml" />\n<mj-sektion></mj-sektion>'),
    'bye/template.json': manifest({}),
    'bye/samples/default.json': {},
    'bye/template.mjml': '',
    'ciao/template.json': manifest({}),
    'ciao/samples/default.json': { name: 'Anne' },
    'ciao/template.mjml':
      '<mjml><mj-head><mj-title>x</mj-title></mj-head><mj-body><mj-include path="../_layout/foot.mjml" /></mj-body></mjml>',
    '_layout/foot.mjml': column('<mj-text>\n{{shout name}}</mj-text>'),
  };
  expect(await issuesOf(loadRenderer, files)).toEqual([
    'bye/samples/default.json:1 does not match the schema: /name is missing',
    '_layout/foot.mjml:2 uses the helper shout, which does not exist',
    'hello/template.mjml:4 has <mj-sektion>, which is no MJML component',
    'bye/template.mjml is not valid MJML: Parsing failed. Check your mjml.',
  ]);
});
