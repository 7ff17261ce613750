/** A label with an icon and a colour: the state of a mail, a recipient, a provider or a bulk action. The colour never stands alone. */
import type { MailState, RecipientState } from '@posthouse/contract';
import { Icon, type IconName } from '@posthouse/web';
import { t, text } from './translate.ts';

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
  queued: { tone: 'wait', icon: 'queued', label: text('Queued') },
  scheduled: { tone: 'wait', icon: 'clock', label: text('Scheduled') },
  sending: { tone: 'busy', icon: 'sending', label: text('Sending') },
  retrying: { tone: 'busy', icon: 'retrying', label: text('Retrying') },
  sent: { tone: 'good', icon: 'accepted', label: text('Sent') },
  failed: { tone: 'bad', icon: 'failed', label: text('Failed') },
  expired: { tone: 'quiet', icon: 'expired', label: text('Expired') },
  cancelled: { tone: 'quiet', icon: 'cancelled', label: text('Cancelled') },
  uncertain: { tone: 'unsure', icon: 'unsure', label: text('Uncertain') },
};

/** The name of a state on every page. */
export function stateLabel(state: MailState): string {
  return t(mailBadges[state].label);
}

/** @param partial with `sent`: some recipients were rejected */
export function stateBadge(state: MailState, partial = false): BadgeProps {
  const badge: BadgeProps =
    state === 'sent' && partial ? { tone: 'unsure', icon: 'partial', label: text('Partly sent') } : mailBadges[state];
  return { ...badge, label: t(badge.label) };
}

/** The state of a mail. @param partial with `sent`: some recipients were rejected */
export function StateBadge({ state, partial }: { state: MailState; partial?: boolean }): JSX.Element {
  return <Badge {...stateBadge(state, partial)} />;
}

const recipientBadges: Record<RecipientState, BadgeProps> = {
  pending: { tone: 'wait', icon: 'clock', label: text('Pending') },
  accepted: { tone: 'good', icon: 'accepted', label: text('Accepted') },
  rejected: { tone: 'bad', icon: 'failed', label: text('Rejected') },
};

/** The outcome for one recipient. @param uncertain pending, and it is unknown whether the message arrived */
export function RecipientBadge({ state, uncertain = false }: { state: RecipientState; uncertain?: boolean }): JSX.Element {
  return uncertain ? (
    <Badge tone="unsure" icon="unsure" label={t('Uncertain')} />
  ) : (
    <Badge {...recipientBadges[state]} label={t(recipientBadges[state].label)} />
  );
}
