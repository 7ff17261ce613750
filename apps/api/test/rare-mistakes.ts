/** Further mistakes that docs/errors.md lists: headers, attachments and JSON. */
import { good } from './api-fixture.ts';
import type { Mistake } from './mistaken-mails.ts';

const content = Buffer.from('BEGIN:VCALENDAR\r\nMETHOD:REQUEST\r\nEND:VCALENDAR\r\n').toString('base64');
const calendar = (contentType: string) => ({ ...good, attachments: [{ filename: 'invite.ics', contentType, content }] });

export const rareMistakes: Mistake[] = [
  [
    'a domain without a dot',
    { ...good, to: 'anne@example', cc: 'Bo <bo@intranet>' },
    400,
    [
      ['/to', 'wrong-format', 'has a domain without a dot; write the whole domain, such as in anne@example.com'],
      ['/cc', 'wrong-format', 'has a domain without a dot; write the whole domain, such as in anne@example.com'],
    ],
  ],
  [
    'fields as headers',
    { ...good, headers: { 'Reply-To': 'help@example.com', Subject: 'Hi', Received: 'x' } },
    400,
    [
      ['/headers/Reply-To', 'wrong-format', 'is not set as a header; use the field `replyTo`'],
      ['/headers/Subject', 'wrong-format', 'is not set as a header; use the field `content.subject`'],
      [
        '/headers/Received',
        'wrong-format',
        'must be one of the headers X-*, List-*, In-Reply-To, References, Feedback-ID, Importance, Organization, Auto-Submitted',
      ],
    ],
  ],
  [
    'the name of a language, a tag of two words, and a content id of two words',
    { ...good, locale: 'english', tags: ['two words'], attachments: [{ filename: 'a.txt', content: 'YQ==', cid: 'my logo' }] },
    400,
    [
      ['/locale', 'wrong-format', 'must be a language tag, such as en, ko or pt-BR'],
      ['/attachments/0/cid', 'wrong-format', 'must be letters, digits and . _ @ - without spaces, such as logo'],
      ['/tags/0', 'wrong-format', 'must be printable ASCII characters without spaces, such as password-reset'],
    ],
  ],
  [
    'blanks around an address',
    { ...good, to: ' anne@example.com ', cc: [{ address: 'bo@example.com\n' }] },
    400,
    [
      ['/to', 'wrong-format', 'has blanks or line breaks around the address; leave them out'],
      ['/cc/0/address', 'wrong-format', 'has blanks or line breaks around the address; leave them out'],
    ],
  ],
  [
    'a dot at the end of an address',
    { ...good, to: 'anne@example.com.', cc: 'Bo <bo@example.com.>' },
    400,
    [
      ['/to', 'wrong-format', 'has a dot at the end of the address; leave it out'],
      ['/cc', 'wrong-format', 'has a dot at the end of the address; leave it out'],
    ],
  ],
  [
    'an address with a name in the data of a template',
    { ...good, data: { ...good.data, email: 'Anne <anne@example.net>' } },
    422,
    [['/data/email', 'wrong-format', 'must be one plain address such as anne@example.com, without a name and without angle brackets']],
  ],
  ['a field twice', '{"to":"anne@example.net","to":"bo@example.net"}', 400, [['/to', 'duplicate', 'is given twice']]],
  [
    'a header twice',
    { ...good, headers: { 'X-A': '1', 'x-a': '2' } },
    422,
    [['/headers/x-a', 'duplicate', 'is given twice; header names are compared without case']],
  ],
  [
    'a reply to what is no Message-ID',
    { ...good, headers: { 'In-Reply-To': '1@example.com' } },
    422,
    [['/headers/In-Reply-To', 'wrong-format', 'must be Message-IDs in angle brackets, such as <1@example.com>, separated by blanks']],
  ],
  [
    'an attachment that consists of parts',
    calendar('multipart/mixed; boundary=a'),
    422,
    [
      [
        '/attachments/0/contentType',
        'not-allowed',
        'cannot be attached, because it consists of parts; attach each part, or a whole message as message/rfc822',
      ],
    ],
  ],
  [
    'an invitation with the method of another one',
    calendar('text/calendar; method=CANCEL'),
    422,
    [
      [
        '/attachments/0/contentType',
        'conflict',
        'has another method than the calendar, which needs the line METHOD:CANCEL (RFC 6047 section 2.4)',
      ],
    ],
  ],
];
