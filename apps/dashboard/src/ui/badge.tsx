/** A label with an icon and a colour: the state of a mail, a recipient, a provider or a bulk action. The colour never stands alone. */
import type { MailState, RecipientState } from '@posthouse/contract';
import { Icon, type IconName } from '@posthouse/web';

/** What a colour means: succeeded, waiting, in progress, failed, unknown, over. */
export type Tone = 'good' | 'wait' | 'busy' | 'bad' | 'unsure' | 'quiet';

/** What a badge shows. */
export interface BadgeProps {
  tone: Tone;
  icon: IconName;
  label: string;
}

export function Badge({ tone, icon, label }: BadgeProps): JSX.Element {
  return (
    <span class={['badge', tone]}>
      <Icon name={icon} />
      <span safe>{label}</span>
    </span>
  );
}

const mailBadges: Record<MailState, BadgeProps> = {
  queued: { tone: 'wait', icon: 'queued', label: 'Queued' },
  scheduled: { tone: 'wait', icon: 'clock', label: 'Scheduled' },
  sending: { tone: 'busy', icon: 'sending', label: 'Sending' },
  retrying: { tone: 'busy', icon: 'retrying', label: 'Retrying' },
  sent: { tone: 'good', icon: 'accepted', label: 'Sent' },
  failed: { tone: 'bad', icon: 'failed', label: 'Failed' },
  expired: { tone: 'quiet', icon: 'expired', label: 'Expired' },
  cancelled: { tone: 'quiet', icon: 'cancelled', label: 'Cancelled' },
  uncertain: { tone: 'unsure', icon: 'unsure', label: 'Uncertain' },
};

/** The name of a state on every page. */
export function stateLabel(state: MailState): string {
  return mailBadges[state].label;
}

/** @param partial with `sent`: some recipients were rejected */
export function stateBadge(state: MailState, partial = false): BadgeProps {
  return state === 'sent' && partial ? { tone: 'unsure', icon: 'partial', label: 'Partly sent' } : mailBadges[state];
}

/** The state of a mail. @param partial with `sent`: some recipients were rejected */
export function StateBadge({ state, partial }: { state: MailState; partial?: boolean }): JSX.Element {
  return <Badge {...stateBadge(state, partial)} />;
}

const recipientBadges: Record<RecipientState, BadgeProps> = {
  pending: { tone: 'wait', icon: 'clock', label: 'Pending' },
  accepted: { tone: 'good', icon: 'accepted', label: 'Accepted' },
  rejected: { tone: 'bad', icon: 'failed', label: 'Rejected' },
};

/** The outcome for one recipient. @param uncertain pending, and it is unknown whether the message arrived */
export function RecipientBadge({ state, uncertain = false }: { state: RecipientState; uncertain?: boolean }): JSX.Element {
  return uncertain ? <Badge tone="unsure" icon="unsure" label="Uncertain" /> : <Badge {...recipientBadges[state]} />;
}
