/** Makes each message with nodemailer and sends it by its SMTP transport. */
import { readFileSync } from 'node:fs';
import { createTransport } from 'nodemailer';

/** @type {import('../message-cases.ts').MessageCase[]} */
const cases = JSON.parse(readFileSync(process.argv[2] ?? '', 'utf8'));
const { SMTP_HOST: host, SMTP_PORT: port, SMTP_USER: user, SMTP_PASSWORD: pass } = process.env;
const mailer = createTransport({ host, port: Number(port), secure: true, auth: { user, pass } });

/** @param {import('../message-cases.ts').MessageCase['cc']} list */
const people = (list = []) => list.map(({ name, address }) => (name === undefined ? address : { name, address }));

for (const { from, to, cc, bcc, replyTo, subject, text, html, encoding, attachments, calendar, headers } of cases) {
  await mailer.sendMail({
    ...{
      from: people([from])[0],
      to: people(to),
      cc: people(cc),
      bcc: people(bcc),
      replyTo: people(replyTo),
      subject,
      text,
      html,
      headers,
    },
    ...(encoding !== undefined && encoding !== '8bit' && { textEncoding: encoding }),
    attachments: attachments?.map(({ filename, type, content, cid }) => ({
      filename,
      contentType: type,
      content,
      encoding: 'base64',
      cid,
    })),
    ...(calendar !== undefined && { icalEvent: { method: 'REQUEST', content: calendar } }),
  });
}
mailer.close();
