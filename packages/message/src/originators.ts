/**
 * The addresses of a From field. Whether a caller may use a sender is decided by them, so nothing is read that two readers could
 * understand in two ways: no comments, no groups, no obsolete forms.
 */
import { limits, type Mailbox, parseMailbox } from '@posthouse/contract';
import { decodeText } from './encoded-words.ts';

/** @param value of the field, unfolded @returns undefined when it is not a plain list of addresses (RFC 5322 section 3.4) */
export function parseOriginators(value: string): Mailbox[] | undefined {
  const mailboxes: Mailbox[] = [];
  for (const part of splitList(value) ?? ['']) {
    const [, phrase, inBrackets] = /^([^<>]*)<([^<>]*)>$/.exec(part) ?? [];
    const address = (inBrackets ?? part).trim().replace(/^"([^"\\]*)"@/, '$1@');
    const name = phrase === undefined ? '' : nameOf(phrase.trim());
    const mailbox = name === undefined ? undefined : parseMailbox({ address, ...(name !== '' && { name }) });
    if (mailbox === undefined) return undefined;
    mailboxes.push(mailbox);
  }
  return mailboxes;
}

/** Splits at commas outside of quoted strings. @returns undefined where there is anything else than phrases and addresses */
function splitList(value: string): string[] | undefined {
  // An encoded word is part of a phrase, whatever it is written with.
  const plain = value.replace(/=\?[^?\s]+\?[BbQq]\?[^?\s]*\?=/g, (word) => 'x'.repeat(word.length));
  const parts: string[] = [];
  let [from, isQuoted, isInBrackets] = [0, false, false];
  for (let at = 0; at < plain.length; at++) {
    const char = plain[at] as string;
    if (isQuoted) {
      if (char === '\\') at += 1;
      else if (char === '"') isQuoted = false;
    } else if (char === '"') isQuoted = true;
    else if ('():;\\[]'.includes(char)) return undefined;
    else if (char === '<' || char === '>') {
      if (isInBrackets === (char === '<')) return undefined;
      isInBrackets = char === '<';
    } else if (char === ',' && !isInBrackets) {
      parts.push(value.slice(from, at).trim());
      from = at + 1;
    }
  }
  return isQuoted || isInBrackets ? undefined : [...parts, value.slice(from).trim()];
}

/** A phrase as text; undefined where it is neither one quoted string nor words without quotes. */
function nameOf(phrase: string): string | undefined {
  const quoted = /^"((?:[^"\\]|\\.)*)"$/.exec(phrase)?.[1];
  if (quoted === undefined && phrase.includes('"')) return undefined;
  return decodeText(quoted?.replace(/\\(.)/g, '$1') ?? phrase, limits.nameLength);
}
