import { expect, it } from 'vitest';
import { defaultRights, formatKeyRights, parseKeyRights, RightsError } from '../src/key-rights.ts';

it('the default may send, and read and act on its own mails', () => {
  expect(parseKeyRights(defaultRights)).toEqual({ send: true, read: 'own', content: false, act: 'own', metrics: false });
});

it.each([
  'send',
  'send+read-own+act-own',
  'read-all+content+act-all',
  'metrics',
  'send+act-all+metrics+rate=1/s',
  'send+from=example.com+from=xn--bcher-kva.example+template=signup+template=password-reset+rate=600/min',
])('%s is written as it was read', (text) => {
  expect(formatKeyRights(parseKeyRights(text))).toBe(text);
});

it('spaces, the order and the case of domains do not matter', () => {
  expect(formatKeyRights(parseKeyRights(' act-own + from=Example.COM+send '))).toBe('send+act-own+from=example.com');
});

it.each([
  ['', 'are empty'],
  ['send++read-own', 'contain ""'],
  [
    'admin',
    'contain "admin"; they are send, read-own, read-all, content, act-own, act-all, metrics, from=<domain>, template=<name>, rate=<mails>/<s, min or h>',
  ],
  ['read-own+read-all', 'contain both read-own and read-all'],
  ['act-all+act-own', 'contain both act-own and act-all'],
  ['send+content', 'contain content without read-own or read-all'],
  ['read-own+rate=1/s', 'limit what is sent without containing send'],
  ['read-all+template=signup', 'limit what is sent without containing send'],
  ['send+send', 'contain send more than once'],
  ['send+rate=1/s+rate=2/s', 'contain more than one rate'],
  ['send+from=*.example.com', 'contain from= with what is not a domain'],
  ['send+from=anne@example.com', 'contain from= with what is not a domain'],
  ['send+template=a/b', 'contain template= with what is not the name of a template'],
  ...['0/s', '-1/s', '1', '1/day', '1.5/s', '1000001/s', '1e3/s'].map((rate) => [
    `send+rate=${rate}`,
    'contain a rate that is not rate=<mails>/<s, min or h>, with',
  ]),
])('%s is refused', (text, issue) => {
  expect(() => parseKeyRights(text)).toThrow(issue);
});

it('every error is reported at once', () => {
  const error = (() => {
    try {
      return parseKeyRights('read-own+read-all+act-own+act-all+admin+rate=0/s');
    } catch (thrown) {
      return thrown;
    }
  })();
  expect(error).toBeInstanceOf(RightsError);
  expect((error as RightsError).issues).toHaveLength(5);
});
