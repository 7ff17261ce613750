/** Mails with the mistakes that people make at first, and the issues that they are answered with. */
import type { issueCodes } from '@posthouse/contract';
import { good } from './api-fixture.ts';

const content = { subject: 'Hi', text: 'Hi' };
export const literal = { to: 'anne@example.net', content };
const file = Buffer.from('pixel').toString('base64');
const attached = (attachment: object) => ({ ...good, attachments: [{ filename: 'a.txt', content: file, ...attachment }] });
const { to: _to, ...withoutTo } = good;
const time = 'it must be a date and time such as 2026-11-22T09:00:00Z or 2026-11-22T18:00:00+09:00';

/** The answer to one request. */
export type Mistake = [what: string, body: unknown, status: 400 | 422, issues: Issue[]];

type Issue = [pointer: string, code: keyof typeof issueCodes, message: string];

/** Each with the issues of the answer. */
export const mistakes: Mistake[] = [
  [
    'a list of addresses in one string',
    { ...good, to: 'anne@example.com, Bo <bo@example.com>' },
    400,
    [['/to', 'wrong-format', 'has several addresses in one string; write a list of strings: ["anne@example.com", "Bo <bo@example.com>"]']],
  ],
  [
    'a name without angle brackets',
    { ...good, to: 'Anne anne@example.com' },
    400,
    [['/to', 'wrong-format', 'must be one address; one with a name has angle brackets: Anne <anne@example.com>']],
  ],
  ['an empty address', { ...good, to: '' }, 400, [['/to', 'wrong-format', 'is empty; it must be an address, such as anne@example.com']]],
  [
    'no address at all',
    { ...good, to: 'anne' },
    400,
    [['/to', 'wrong-format', 'must be one address, such as anne@example.com or Anne <anne@example.com>']],
  ],
  ['a recipient that is null', { ...good, to: null }, 400, [['/to', 'wrong-type', 'must be a string, an object or a list, not null']]],
  [
    'an address object of another service',
    { ...good, to: { email: 'anne@example.com', name: 'Anne' } },
    400,
    [
      ['/to/address', 'missing', 'is missing'],
      ['/to/email', 'unknown-field', 'is not a known field; did you mean `address`?'],
    ],
  ],
  ['no recipient', withoutTo, 400, [['/to', 'missing', 'is missing']]],
  [
    'snake case',
    { ...good, reply_to: 'help@example.com' },
    400,
    [['/reply_to', 'unknown-field', 'is not a known field; did you mean `replyTo`?']],
  ],
  [
    'snake case of a time',
    { ...good, scheduled_at: '2026-11-22T09:00:00Z' },
    400,
    [['/scheduled_at', 'unknown-field', 'is not a known field; did you mean `scheduledAt`?']],
  ],
  [
    'subject and text at the top',
    { to: 'anne@example.com', subject: 'Hi', html: '<p>Hi</p>' },
    400,
    [
      ['/subject', 'unknown-field', 'is not a known field; did you mean `content.subject`?'],
      ['/html', 'unknown-field', 'is not a known field; did you mean `content.html`?'],
    ],
  ],
  [
    'data of the template at the top',
    { to: 'anne@example.com', template: 'signup', nickname: 'Anne', email: 'anne@example.com' },
    400,
    [
      ['/nickname', 'unknown-field', 'is not a known field; did you mean `data.nickname`?'],
      ['/email', 'unknown-field', 'is not a known field; did you mean `data.email`?'],
    ],
  ],
  [
    'data under the name of another service',
    { to: 'anne@example.com', template: 'signup', variables: good.data },
    400,
    [['/variables', 'unknown-field', 'is not a known field; did you mean `data`?']],
  ],
  [
    'a misspelt name in data',
    { ...good, data: { nickName: 'Anne', email: 'anne@example.com' } },
    422,
    [
      ['/data/nickname', 'missing', 'is missing'],
      ['/data/nickName', 'unknown-field', 'is not a known field; did you mean `nickname`?'],
    ],
  ],
  [
    'both template and content',
    { ...good, content },
    422,
    [['', 'conflict', 'has both `template` and `content`; send one of them: a template has a subject and a text of its own']],
  ],
  [
    'neither template nor content',
    { to: 'anne@example.com' },
    422,
    [['', 'missing', 'has neither `template` with `data` nor `content` with `subject` and `html` or `text`; send one of them']],
  ],
  [
    'a misspelt template',
    { ...good, template: 'sign-up' },
    422,
    [
      [
        '/template',
        'not-allowed',
        'is not a template; did you mean `signup`? The key may send the templates: invitation, magic-link, password-reset, receipt, security-alert, signup, verify-address, weekly-digest',
      ],
    ],
  ],
  [
    'a date alone',
    { ...good, scheduledAt: '2026-11-22' },
    400,
    [['/scheduledAt', 'wrong-format', `has no time of day and no time zone; ${time}`]],
  ],
  [
    'a time without its zone',
    { ...good, scheduledAt: '2026-11-22T09:00:00' },
    400,
    [['/scheduledAt', 'wrong-format', `has no time zone (Z, or an offset such as +09:00); ${time}`]],
  ],
  [
    'a time without seconds, T and zone',
    { ...good, expiresAt: '2026-11-2209:00' },
    400,
    [
      [
        '/expiresAt',
        'wrong-format',
        `has no T between date and time and no seconds and no time zone (Z, or an offset such as +09:00); ${time}`,
      ],
    ],
  ],
  [
    'a day that does not exist',
    { ...good, expiresAt: '2026-02-30T09:00:00Z' },
    400,
    [['/expiresAt', 'wrong-format', `names a date or a time that does not exist; ${time}`]],
  ],
  [
    'a time as a number',
    { ...good, scheduledAt: 1795338000 },
    400,
    [['/scheduledAt', 'wrong-type', 'must be a string, not a number: a date and time such as 2026-11-22T09:00:00Z']],
  ],
  [
    'a data URL as an attachment',
    attached({ content: `data:text/plain;base64,${file}` }),
    400,
    [['/attachments/0/content', 'wrong-format', 'must be base64 alone: leave out `data:` and all up to the comma']],
  ],
  [
    'plain text as an attachment',
    attached({ content: 'Hello!' }),
    400,
    [['/attachments/0/content', 'wrong-format', 'must be base64: encode the bytes of the file, such as with `base64 -w0`']],
  ],
  [
    'base64 in lines',
    attached({ content: 'cGl4\nZWw=' }),
    400,
    [['/attachments/0/content', 'wrong-format', 'must be base64 without line breaks and blanks']],
  ],
  [
    'base64 without padding',
    attached({ content: 'cGl4ZWw' }),
    400,
    [
      [
        '/attachments/0/content',
        'wrong-format',
        'must be base64 with a length that is a multiple of 4: its end or its padding with = is missing',
      ],
    ],
  ],
  [
    'base64 for URLs',
    attached({ content: 'cGl4-Ww_' }),
    400,
    [['/attachments/0/content', 'wrong-format', 'must be base64 with + and /, not the URL-safe form with - and _']],
  ],
  [
    'an attachment by path, as nodemailer takes it',
    { ...good, attachments: [{ filename: 'a.txt', path: '/tmp/a.txt' }] },
    400,
    [
      ['/attachments/0/content', 'missing', 'is missing'],
      ['/attachments/0/path', 'unknown-field', 'is not a known field; did you mean `content`, with the bytes of the file in base64?'],
    ],
  ],
  [
    'a priority of another service',
    { ...good, priority: 'urgent' },
    400,
    [['/priority', 'not-allowed', 'must be one of: high, normal, low']],
  ],
  ['metadata in a string', { ...good, metadata: '{"userId":7}' }, 400, [['/metadata', 'wrong-type', 'must be an object, not a string']]],
  ['one tag instead of a list', { ...good, tags: 'welcome' }, 400, [['/tags', 'wrong-type', 'must be a list, not a string']]],
  [
    'a number as template data',
    { ...good, data: { ...good.data, nickname: 7 } },
    422,
    [['/data/nickname', 'wrong-type', 'must be a string, not a number']],
  ],
  [
    'an empty subject',
    { ...literal, content: { ...content, subject: '' } },
    400,
    [['/content/subject', 'out-of-range', 'must not be empty']],
  ],
  [
    'a message with line breaks of Unix',
    { to: 'anne@example.net', content: { raw: Buffer.from('From: anne@example.com\n\nHi\n').toString('base64') } },
    422,
    [['/content/raw', 'wrong-format', 'has a bare LF in line 1; end each line with CRLF (in Python: policy=email.policy.SMTP)']],
  ],
  [
    'one-click unsubscription without a URL',
    { ...good, headers: { 'List-Unsubscribe-Post': 'List-Unsubscribe=One-Click' } },
    422,
    [['/headers/List-Unsubscribe', 'missing', 'is missing: List-Unsubscribe-Post needs it, with an https URL (RFC 8058)']],
  ],
  [
    'one-click unsubscription by http, with another value',
    { ...good, headers: { 'List-Unsubscribe': '<http://example.com/u>, <mailto:u@example.com>', 'list-unsubscribe-post': 'yes' } },
    422,
    [
      ['/headers/list-unsubscribe-post', 'wrong-format', 'must be List-Unsubscribe=One-Click (RFC 8058)'],
      ['/headers/List-Unsubscribe', 'conflict', 'must have one https URL in angle brackets, as List-Unsubscribe-Post needs it (RFC 8058)'],
    ],
  ],
  [
    'a sender of a foreign domain',
    { ...good, from: 'anne@gmail.com' },
    422,
    [['/from', 'not-allowed', 'must have one of the domains in MAIL_FROM_DOMAINS: example.com, example.org']],
  ],
  [
    'half of a surrogate pair in data and in a name',
    `{"to":{"name":"A\\ud83d","address":"anne@example.net"},"template":"signup","data":{}}`,
    400,
    [['/to/name', 'wrong-format', 'must be one line of Unicode text, without line breaks and other control characters']],
  ],
  [
    'half of a surrogate pair in data',
    `{"to":"anne@example.net","template":"signup","data":{"email":"anne@example.net","nickname":"A\\ud83d"},"metadata":{"a":[{"b\\u0000":1}]}}`,
    422,
    [
      ['/data/nickname', 'wrong-format', 'has NUL (U+0000) or half of a surrogate pair, which no mail can have'],
      ['/metadata/a/0', 'wrong-format', 'has NUL (U+0000) or half of a surrogate pair, which no mail can have'],
    ],
  ],
  [
    'a form',
    'to=anne@example.com&template=signup',
    400,
    [['', 'not-json', 'is not JSON but a form: write an object, such as {"to":"anne@example.com"}']],
  ],
  [
    'single quotes',
    "{'to':'anne@example.com'}",
    400,
    [['', 'not-json', 'is not JSON: see character 2; names and strings have double quotes']],
  ],
  [
    'a comma too many',
    '{\n"to":"anne@example.com",\n}',
    400,
    [['', 'not-json', 'is not JSON: see character 28, in line 3; there is a comma before it']],
  ],
  ['no body', '', 400, [['', 'missing', 'is missing: send JSON with the header `content-type: application/json`']]],
  [
    'a list of mails',
    [good],
    400,
    [['', 'wrong-type', 'must be an object, not a list: several mails go to POST /v1/mails/batch, as {"mails": [ … ]}']],
  ],
];
