/** What a caller may choose for a mail. */

/** From the most urgent to the least. */
export const priorities = ['high', 'normal', 'low'] as const;

/** How urgent a mail is among those that wait. */
export type Priority = (typeof priorities)[number];

/** What to do with a mail that may or may not have arrived. */
export const uncertainPolicies = ['resend', 'hold'] as const;

/** What to do with a mail that may or may not have arrived. */
export type UncertainPolicy = (typeof uncertainPolicies)[number];
