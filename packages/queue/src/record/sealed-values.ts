/** Envelope, content and transcripts of a mail as they are sealed: nothing that is empty, and nothing that follows from the rest. */
import type { ContentState, Envelope, KeptContent, MailContent, MailRecord, Step } from '@posthouse/contract';
import { recipientsOf } from './new-record.ts';

/** `recipients` only where the addresses are not those of the lists. */
export type SealedEnvelope = Partial<Envelope> & Pick<Envelope, 'from'> & { recipients?: string[] };

export type SealedContent = Partial<MailContent>;

/** An attempt or a deferral. */
export interface WithSteps {
  steps: Step[];
}

interface StoredSteps {
  steps: [atMs: number, command: string, reply: string][];
}

/** What is sealed of a mail's envelope. */
export function compactEnvelope({ envelope, recipients }: MailRecord): SealedEnvelope {
  const { from, ...lists } = envelope;
  const addresses = recipients.map(({ address }) => address);
  const isDerived = JSON.stringify(addresses) === JSON.stringify(addressesOf(envelope));
  return { from, ...withoutEmpty(lists), ...(!isDerived && { recipients: addresses }) };
}

/** The envelope, and the addresses of the recipients in their order. */
export function envelopeFrom({ recipients, ...stored }: SealedEnvelope): { envelope: Envelope; addresses: string[] } {
  const envelope = { to: [], cc: [], bcc: [], replyTo: [], ...stored };
  return { envelope, addresses: recipients ?? addressesOf(envelope) };
}

/** The content; nothing where it was deleted. */
export function contentFrom(stored: SealedContent | undefined): MailContent | undefined {
  return stored && { attachments: [], headers: {}, ...stored };
}

/** The state of a sent mail's content of which this is kept. */
export function keptState({ template, attachments }: KeptContent): ContentState {
  return attachments.length > 0 || (template?.omitted.length ?? 0) > 0 ? 'reduced' : 'complete';
}

/** The same with each step as a list: their names would take more than what they say. */
export function compactTranscript(value: WithSteps): StoredSteps {
  return { ...value, steps: value.steps.map(({ atMs, command, reply }) => [atMs, command, reply]) };
}

/** The attempt or the deferral of which `compactTranscript` returned this. */
export function transcriptFrom(stored: StoredSteps): WithSteps {
  return { ...stored, steps: stored.steps.map(([atMs, command, reply]) => ({ atMs, command, reply })) };
}

/** The same without empty lists and objects. */
export function withoutEmpty<T extends object>(values: T): Partial<T> {
  return Object.fromEntries(Object.entries(values).filter(([, value]) => Object.keys(value ?? {}).length > 0)) as Partial<T>;
}

function addressesOf(envelope: Envelope): string[] {
  return recipientsOf(envelope).map(({ address }) => address);
}
