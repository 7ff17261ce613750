/** Mails as lines for a terminal of 80 columns. */
import {
  type Attempt,
  type Deferral,
  describeReason,
  isFinal,
  type MailRecord,
  type MailState,
  meaningOfCircuit,
  type Recipient,
} from '@posthouse/contract';
import type { MailSummary, ProviderStatus } from '@posthouse/queue';
import type { CommandContext } from '../command.ts';
import { clipped, facts, oneLine, styled, timeText } from '../terminal-text.ts';

type Painter = Pick<CommandContext, 'colors' | 'columns'>;

/** A mail of a list: its id, state and time on a line, recipients, template and reason on the next. */
export function listedLines(context: Painter, mail: MailSummary): string {
  const { id, state, partial, createdAt, template, recipients, reason, provider, error } = mail;
  const [first, ...more] = recipients;
  const to = first === undefined ? '–' : `${oneLine(first.address)}${more.length === 0 ? '' : ` and ${more.length} more`}`;
  const via = provider === undefined ? undefined : `via ${provider}`;
  const why = error === undefined ? [partial ? 'in part' : undefined, reason, via] : [`unreadable: ${error}`];
  const about = [to, template ?? '(custom content)', oneLine(why.filter((part) => part !== undefined).join(' '))];
  const second = `  ${about.join('  ')}`.trimEnd();
  return `${id}  ${stateText(context, state, 10)}  ${timeText(createdAt)}\n${clipped(second, context.columns)}`;
}

/** What a mail waits for, a line each. @param awaited providers that are down */
export function awaitedLines(awaited: readonly ProviderStatus[]): string[] {
  return awaited.map(({ name, reason, account, step, probeAt }) => {
    const meaning = reason === undefined ? undefined : meaningOfCircuit({ reason, account, step });
    const why = [reason, meaning].filter((part) => part !== undefined).join(': ');
    const check = probeAt === undefined ? '' : `; next check at ${timeText(probeAt)}`;
    return `the provider ${oneLine(name)}, which is not used at the moment${why && `: ${oneLine(why)}`}${check}`;
  });
}

/** One mail with its recipients, attempts and what was done to it. @param awaited providers that are down, which it waits for */
export function mailLines(context: Painter, mail: MailRecord, copies: readonly string[], awaited: readonly ProviderStatus[]): string {
  const { state, partial, template, locale, tags, nextAttemptAt, endedAt, receipt, actions = [] } = mail;
  const status = `${stateText(context, state)}${partial ? ', to some recipients only' : ''}`;
  const summary = facts([
    ['Id', mail.id],
    ['State', state === 'sent' ? `${status} (accepted by the relay)` : status],
    ['Received', `${timeText(mail.createdAt)} with the API key ${mail.apiKey}`],
    ['Waits for', awaited.length === 0 ? undefined : awaitedLines(awaited).join('\n')],
    ['Next attempt', isFinal(state) || nextAttemptAt === undefined || awaited.length > 0 ? undefined : timeText(nextAttemptAt)],
    ['Ended', endedAt === undefined ? undefined : timeText(endedAt)],
    ['Template', template === undefined ? 'none: custom content' : `${template}, ${locale}`],
    ['From', oneLine(mail.envelope.from.address)],
    ['Message-ID', oneLine(mail.messageId)],
    ['Priority', mail.priority],
    ['Tags', tags.length === 0 ? undefined : tags.map(oneLine).join(', ')],
    ['Copy of', mail.copyOf],
    ['Copies', copies.length === 0 ? undefined : copies.join('\n')],
    ['Content', contentText(mail)],
    ['Receipt', receipt && `${timeText(receipt.at)} ${receipt.provider}: ${oneLine(receipt.response)}`],
  ]);
  return [
    summary,
    section(context, 'Recipients', mail.recipients.map(recipientLine)),
    section(context, 'Attempts', mail.attempts.map(attemptLine)),
    section(context, 'Last deferral', mail.lastDeferral === undefined ? [] : [tryLine(mail.lastDeferral)]),
    section(
      context,
      'Actions',
      actions.map(({ at, action, who, role }) => `${timeText(at)}  ${action} by ${oneLine(who)}${role === undefined ? '' : ` (${role})`}`),
    ),
  ]
    .filter((part) => part !== '')
    .join('\n\n');
}

/** Which recipients, one a line. */
export function recipientNames(recipients: readonly Pick<Recipient, 'address' | 'kind'>[]): string {
  return recipients.map(({ address, kind }) => `  ${oneLine(address)}${kind === 'to' ? '' : ` (${kind})`}`).join('\n');
}

const colours: Partial<Record<MailState, 'green' | 'red' | 'yellow'>> = {
  sent: 'green',
  failed: 'red',
  expired: 'red',
  uncertain: 'yellow',
  retrying: 'yellow',
};

function stateText(context: Painter, state: MailState, width = 0): string {
  const colour = colours[state];
  const text = state.padEnd(width);
  return colour === undefined ? text : styled(context, colour, text);
}

function contentText({ contentState, contentUntil }: MailRecord): string {
  const until = contentUntil === undefined ? '' : ` until ${timeText(contentUntil)}`;
  if (contentState === 'deleted') return 'deleted';
  return `${contentState === 'complete' ? 'kept' : 'kept without sensitive values and attachments'}${until}; --content shows it`;
}

function section(context: Painter, title: string, lines: readonly string[]): string {
  return lines.length === 0 ? '' : `${styled(context, 'bold', title)}\n${lines.map((line) => `  ${line}`).join('\n')}`;
}

function recipientLine({ address, kind, state, reason, provider, uncertain, resolved }: Recipient): string {
  const notes = [
    kind === 'to' ? undefined : kind,
    reason,
    provider && `via ${provider}`,
    uncertain && 'outcome unknown',
    resolved && 'confirmed',
  ];
  return `${oneLine(address)}  ${state}  ${notes.filter(Boolean).join(' ')}`.trimEnd();
}

function attemptLine(attempt: Attempt): string {
  return `${attempt.number}  ${tryLine(attempt)}`;
}

function tryLine({ at, durationMs, provider, reason, detail }: Attempt | Deferral): string {
  const meaning = detail ?? describeReason(reason)?.meaning;
  const why = meaning === undefined ? reason : `${reason}: ${oneLine(meaning)}`;
  return `${timeText(at)}  ${provider ?? 'no provider'}, ${durationMs} ms  ${why}`;
}
