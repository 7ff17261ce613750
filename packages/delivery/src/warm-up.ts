/** What a process does once, so that its first mail is not the one that waits for it. */
import { composeMessage } from './compose.ts';
import { dotStuffed } from './dot-stuffing.ts';

/** After that many messages the code that looks at each byte has been compiled; until then it takes up to a hundred times as long. */
const rounds = 12;

/** Composes messages that are not sent: of the usual length, in Latin and in other letters, so that both encodings are used. */
export async function warmUpComposer(): Promise<void> {
  const mailbox = { name: 'Élodie', address: 'warm-up@localhost' };
  for (let round = 0; round < rounds; round++) {
    const [letters, title] = round % 2 === 0 ? ['é, &amp; a line as templates have it', 'Prénom'] : ['오늘은 너네집에 놀러갈게', '제목'];
    const bytes = await composeMessage({
      messageId: `<warm-up-${round}@localhost>`,
      date: new Date(0),
      from: mailbox,
      to: [mailbox],
      cc: [],
      replyTo: [],
      subject: title,
      html: `<td style="padding:0 24px;color:#1a1a1a">${letters}</td>\n`.repeat(160),
      text: `${letters}\n`.repeat(20),
      attachments: [],
      headers: { 'X-Warm-Up': 'warm up' },
    });
    // The composed one need not be searched.
    dotStuffed(Buffer.from(bytes), 0, bytes.length);
  }
}
