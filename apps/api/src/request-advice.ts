/** What to do about a request whose headers, body or path are not those of this API, in the words of `detail`. */
import { isApiKey } from '@posthouse/access';
import type { FastifyRequest } from 'fastify';

const sendJson = 'Send JSON with the header `content-type: application/json`';

/** @param contentType of the refused request */
export function mediaTypeAdvice(contentType: string | undefined): string {
  const type = contentType?.split(';', 1)[0]?.trim().toLowerCase();
  switch (type) {
    case undefined:
    case '':
      return `The request has a body without \`content-type\`. ${sendJson}.`;
    case 'application/x-www-form-urlencoded':
      return `The body is declared as a form, as curl does with \`-d\` alone. ${sendJson}.`;
    case 'multipart/form-data':
      return `The body is declared as a form with files. ${sendJson}; files go into \`attachments\`, in base64.`;
    case 'text/plain':
      return `The body is declared as plain text, as fetch does with a string. ${sendJson}.`;
    default:
      return `${sendJson}.`;
  }
}

/** @param key the text that was sent as a key; undefined when there is none after `Bearer` */
export function keyAdvice({ headers }: Pick<FastifyRequest, 'headers'>, key: string | undefined): string {
  if (key !== undefined) {
    if (isApiKey(key)) return 'There is no such key, or it was revoked.';
    if (/^ph_[0-9A-Za-z]{49}$/.test(key)) return 'There is no such key: a character of it is wrong, as its checksum shows. Copy it again.';
    return 'There is no such key: it is not a whole key, which has `ph_` and 49 letters and digits.';
  }
  const { authorization = '' } = headers;
  const header = 'the header `Authorization: Bearer <key>`';
  if (/^Bearer\s*$/i.test(authorization))
    return `There is no key after \`Bearer\`: the variable with the key may be empty. Send ${header}.`;
  if (/^ph_/.test(authorization)) return `The key has no \`Bearer \` before it. Send ${header}.`;
  if (/^Basic\b/i.test(authorization)) return `This is Basic authentication. Send ${header}.`;
  const elsewhere = ['x-api-key', 'api-key', 'apikey', 'x-auth-token'].find((name) => headers[name] !== undefined);
  return elsewhere === undefined ? `Send ${header}.` : `The key is in the header \`${elsewhere}\`. Send ${header}.`;
}

/** Why a text is not JSON. V8's own message quotes the text. @param position of the first wrong character, where V8 names it */
export function jsonIssue(text: string, position: number | undefined): string {
  if (/^[A-Za-z_]+=[^{[]/.test(text)) return 'is not JSON but a form: write an object, such as {"to":"anne@example.com"}';
  if (position === undefined) return 'is not JSON';
  const before = text.slice(0, position);
  const line = before.split('\n').length;
  const found = text[position];
  // Counted from 1; of a text that ends too early, the last one.
  const character = found === undefined ? position : position + 1;
  const where = line === 1 ? `character ${character}` : `character ${character}, in line ${line}`;
  if (found === undefined) return `is not JSON: see ${where}, where it ends too early`;
  if (found === "'") return `is not JSON: see ${where}; names and strings have double quotes`;
  if ((found === '}' || found === ']') && /,\s*$/.test(before)) return `is not JSON: see ${where}; there is a comma before it`;
  return `is not JSON: see ${where}`;
}
