/** Who a page is rendered for: user, role and time zone. Every request has one; the access check in server/access.ts sets it. */
import { mayActAs, type Role } from '@posthouse/access';
import { TimeFormat } from '@posthouse/web';
import type { FastifyRequest } from 'fastify';
import type { SystemStatus } from './system-status.ts';
import { pageLocale } from './translate.ts';

declare module 'fastify' {
  interface FastifyContextConfig {
    /** The role that a route requires; viewer by default. `anyone` needs no sign-in. */
    role?: Role | 'anyone';
    /** Whether a user who still has to choose a password may use the route. */
    withTemporaryPassword?: boolean;
  }
  interface FastifyRequest {
    context: PageContext;
    /** Whether the session is still valid and the user has the same role; event streams check it again before each event. */
    isSignedIn: () => Promise<boolean>;
    /** Identifies the session, if there is one; never the token itself. */
    sessionId: string;
  }
}

/** Made for each request; `time` formats the page's dates. */
export class PageContext {
  /** Undefined before sign-in. */
  readonly user: { name: string; role: Role } | undefined;
  readonly time: TimeFormat;
  /** What concerns all mail at the moment; undefined before sign-in and where it could not be read. */
  status: SystemStatus | undefined;

  /** @param zone from a cookie; may be anything, and means UTC when it is unknown */
  constructor(user: { name: string; role: Role } | undefined, zone: string | undefined) {
    this.user = user;
    this.time = new TimeFormat(pageLocale(), zone);
  }

  /** Whether the user has at least that role. */
  may(role: Role): boolean {
    return this.user !== undefined && mayActAs(role, this.user.role);
  }
}

/** @returns the user as the audit log names them @throws when the route requires no role */
export function actorOf({ context }: FastifyRequest): { who: string; role: Role } {
  const { user } = context;
  if (user === undefined) throw new Error('A route that changes something must require a role.');
  return { who: user.name, role: user.role };
}
