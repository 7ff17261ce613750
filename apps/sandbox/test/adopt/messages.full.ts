/**
 * Messages of ten mail libraries arrive as they were sent: the body byte for byte, the header without what was meant for us. It needs the
 * libraries, so it is not part of `npm test`: `npm run test:adopt` runs it.
 */
import { createHash } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { AdoptFixture } from './adopt-fixture.ts';
import { type MessageCase, messageCases } from './message-cases.ts';
import { type RecordedMessage, SmtpRecorder } from './smtp-recorder.ts';
import { stacks } from './stacks.mjs';

const programs = fileURLToPath(new URL('programs', import.meta.url));
const chosen = process.env['POSTHOUSE_ADOPT']?.split(',') ?? [];
const fixture = new AdoptFixture();
let recorder: SmtpRecorder;
let casesFile: string;

beforeAll(async () => {
  await fixture.start();
  recorder = new SmtpRecorder(fixture.ca, () => fixture.ports.tls);
  await recorder.start();
  casesFile = join(fixture.dir, 'cases.json');
  await writeFile(casesFile, JSON.stringify(messageCases));
});
afterAll(async () => {
  await recorder.stop();
  await fixture.stop();
});

describe.each(stacks.filter(({ name, command }) => command !== undefined && chosen.includes(name)))('$name', ({ command = [] }) => {
  it(`sends ${messageCases.length} messages by SMTP, which arrive as they were sent, and do so as content.raw too`, async () => {
    const [known, arrivedBefore] = [recorder.messages.length, fixture.relay.messages.length];
    const env = fixture.environment({ port: recorder.port, user: 'shop', password: fixture.key });
    await fixture.run([...command, casesFile], env, programs);
    const recorded = recorder.messages.slice(known);
    expect(recorded.map(({ reply }) => reply.replace(/ [\w-]+$/, ' …'))).toEqual(messageCases.map(() => '250 2.0.0 queued as …'));
    const sentAsRaw = recorded.map(({ to, from, raw }) => ({ to, from, content: { raw: raw.toString('base64') } }));
    const accepted = await fixture.client.mails.sendBatch(sentAsRaw);
    await fixture.relay.waitForMessages(arrivedBefore + 2 * messageCases.length, 120_000);
    const differences: string[] = [];
    for (const [n, message] of recorded.entries()) {
      const wanted = messageCases[n] as MessageCase;
      const ids = { submission: message.reply.split(' ').at(-1) as string, 'content.raw': accepted[n]?.id as string };
      for (const [way, id] of Object.entries(ids))
        differences.push(...(await differencesOf(id, message, wanted)).map((text) => `${wanted.name} by ${way}: ${text}`));
    }
    expect(differences).toEqual([]);
  });
});

/** What differs between a message as a program sent it and as it arrived; nothing where all is as it should be. */
async function differencesOf(id: string, sent: RecordedMessage, wanted: MessageCase): Promise<string[]> {
  const arrived = await fixture.arrived(id);
  const { content, messageId } = await fixture.client.mails.get(id, { content: true });
  const [before, after] = [split(sent.raw), split(arrived.raw)];
  const kept = before.fields.filter((field) => !/^(bcc|posthouse-[^:]*):/i.test(field));
  const has = (name: string) => before.fields.some((field) => field.toLowerCase().startsWith(`${name}:`));
  const missing = ['message-id', 'date'].filter((name) => !has(name));
  const compared: [string, unknown, unknown][] = [
    ['the body', sha256(before.body), sha256(after.body)],
    ['the header', kept, after.fields.slice(missing.length)],
    ['added fields', missing, after.fields.slice(0, missing.length).map((field) => field.split(':')[0]?.toLowerCase())],
    ['the sender', sent.from, arrived.from],
    ['the recipients', sent.to.toSorted(), arrived.to.toSorted()],
    ['the Message-ID', messageId, arrived.messageId],
    // Python before 3.13 loses a blank between two encoded words.
    ['the subject in the record', withoutBlanks(wanted.subject), withoutBlanks(content?.raw?.subject)],
  ];
  return compared
    .filter(([, expected, found]) => JSON.stringify(expected) !== JSON.stringify(found))
    .map(([name, expected, found]) => `${name}: ${JSON.stringify(expected)} is ${JSON.stringify(found)}`);
}

/** Header fields as they are written, with their folding, and the body. Independent of packages/message. */
function split(raw: Buffer): { fields: string[]; body: Buffer } {
  const end = raw.indexOf('\r\n\r\n');
  const header = raw.subarray(0, end + 2).toString('latin1');
  return { fields: header.match(/^[^ \t\r\n][^\r\n]*\r\n(?:[ \t][^\r\n]*\r\n)*/gm) ?? [], body: raw.subarray(end + 4) };
}

function withoutBlanks(text = ''): string {
  return text.replaceAll(' ', '');
}

function sha256(bytes: Buffer): string {
  return createHash('sha256').update(bytes).digest('hex');
}
