/** What an operator is notified of, and what a notification says. */

/** The kinds of incidents; each has a section in docs/operations.md. */
export const incidentKinds = [
  'no-worker',
  'mail-overdue',
  'circuit-open',
  'login-refused',
  'failure-ratio',
  'uncertain',
  'paused-long',
  'redis-not-durable',
] as const;
export type IncidentKind = (typeof incidentKinds)[number];

/** Something that needs an operator, as long as it lasts. */
export interface Incident {
  kind: IncidentKind;
  /** Which provider, priority, scope of pauses or risk; absent where there is only one. */
  subject?: string;
  severity: 'critical' | 'warning';
  /** One sentence, without addresses and content: what is wrong, or in a message of the end that it is over. */
  summary: string;
}

/** What a target is sent: one when an incident begins, and one when it ends. */
export interface IncidentMessage extends Incident {
  version: 1;
  event: 'began' | 'ended';
  /** When it began and ended, as ISO 8601. */
  since: string;
  until?: string;
  /** The path of the section that says what to do. */
  runbook: string;
}
