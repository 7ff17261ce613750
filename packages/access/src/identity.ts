/** The names of API keys and of users, and what users may do in the dashboard. */

/** Whether a text can be the name of an API key or of a user. No separator of API_KEYS and DASHBOARD_USERS is allowed in it. */
export function isValidName(text: string): boolean {
  return /^[A-Za-z0-9._-]{1,64}$/.test(text);
}

/** The name of a user of single sign-on begins with it: no other name can have a colon. */
export const ssoNamePrefix = 'oidc:';

/**
 * Each role includes those before it. A viewer reads; an operator also acts on mails and the queue; an admin also manages users and API keys, and sees the
 * audit log and the BullMQ jobs.
 */
export const roles = ['viewer', 'operator', 'admin'] as const;

/** A role of a user. */
export type Role = (typeof roles)[number];

/** Whether a user with `role` may do what `needed` may. */
export function mayActAs(needed: Role, role: Role): boolean {
  return roles.indexOf(role) >= roles.indexOf(needed);
}
