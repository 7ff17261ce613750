/** What a caller chooses for a mail besides its content. The API's schema, the record and the queue share these lists. */

/**
 * How urgent a mail is among those that are due, from the most urgent to the least. Workers take a mail of a higher priority first; within
 * one priority they go by the order of acceptance. Priority does not change retries or expiry.
 */
export const priorities = ['high', 'normal', 'low'] as const;

/** See {@link priorities}. */
export type Priority = (typeof priorities)[number];

/**
 * What happens to a mail whose outcome is unknown: the message was sent and no reply came.
 *
 * - `resend`: it is sent again, with the same Message-ID so that receivers can recognise the copy. Nothing is lost; duplicates are possible.
 * - `hold`: it becomes `uncertain` and a user decides. Nothing is duplicated; a mail may stay unsent until then.
 */
export const uncertainPolicies = ['resend', 'hold'] as const;

/** See {@link uncertainPolicies}. */
export type UncertainPolicy = (typeof uncertainPolicies)[number];
