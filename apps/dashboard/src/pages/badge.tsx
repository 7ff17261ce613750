/** A word with a shape and a colour, so that it is known at a glance by whoever sees colours, and by whoever does not. */

import type { MailState, RecipientState } from '@posthouse/contract';
import { Icon, type IconName } from '@posthouse/web';

/** What a colour means: it went well, it waits, it is being done, it went wrong, nobody knows, it is over. */
export type Tone = 'good' | 'wait' | 'busy' | 'bad' | 'unsure' | 'quiet';

/** Any word. */
export function Badge({ tone, icon, word }: { tone: Tone; icon: IconName; word: string }): JSX.Element {
  return (
    <span class={['badge', tone]}>
      <Icon name={icon} />
      <span safe>{word}</span>
    </span>
  );
}

const states: Record<MailState, { tone: Tone; icon: IconName; word: string }> = {
  queued: { tone: 'wait', icon: 'queued', word: 'Queued' },
  scheduled: { tone: 'wait', icon: 'clock', word: 'Scheduled' },
  sending: { tone: 'busy', icon: 'sending', word: 'Sending' },
  retrying: { tone: 'busy', icon: 'retrying', word: 'Retrying' },
  sent: { tone: 'good', icon: 'accepted', word: 'Accepted by the relay' },
  failed: { tone: 'bad', icon: 'failed', word: 'Failed' },
  expired: { tone: 'quiet', icon: 'expired', word: 'Expired' },
  cancelled: { tone: 'quiet', icon: 'cancelled', word: 'Cancelled' },
  uncertain: { tone: 'unsure', icon: 'unsure', word: 'Uncertain' },
};

/** The word for a state, as every page says it. */
export function stateLabel(state: MailState): string {
  return states[state].word;
}

/** The word for a state and how it looks. @param partial with `sent`: some recipients were refused */
export function stateLook(state: MailState, partial = false): { tone: Tone; icon: IconName; word: string } {
  return state === 'sent' && partial ? { tone: 'unsure', icon: 'partial', word: 'Accepted in part' } : states[state];
}

/** The state of a mail. @param partial with `sent`: some recipients were refused */
export function StateBadge({ state, partial }: { state: MailState; partial?: boolean }): JSX.Element {
  return <Badge {...stateLook(state, partial)} />;
}

const outcomes: Record<RecipientState, { tone: Tone; icon: IconName; word: string }> = {
  pending: { tone: 'wait', icon: 'clock', word: 'Pending' },
  accepted: { tone: 'good', icon: 'accepted', word: 'Accepted' },
  refused: { tone: 'bad', icon: 'failed', word: 'Refused' },
};

/** What became of one recipient. @param uncertain pending, and nobody knows whether the message arrived */
export function RecipientBadge({ state, uncertain = false }: { state: RecipientState; uncertain?: boolean }): JSX.Element {
  return uncertain ? <Badge tone="unsure" icon="unsure" word="Uncertain" /> : <Badge {...outcomes[state]} />;
}
