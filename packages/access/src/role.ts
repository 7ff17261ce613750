/** What somebody who has signed in to the dashboard may do. */

/** From least to most: a viewer reads; an operator also acts on mails and on the queue; an admin also sees the audit log and the raw board. */
export const roles = ['viewer', 'operator', 'admin'] as const;

/** One of them. */
export type Role = (typeof roles)[number];

/** Whether `role` is at least the role that is needed. */
export function mayActAs(needed: Role, role: Role): boolean {
  return roles.indexOf(role) >= roles.indexOf(needed);
}
