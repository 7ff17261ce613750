/** Who a page is rendered for: user, role and time zone. */
import { mayActAs, type Role } from '@posthouse/access';
import { TimeFormat } from '@posthouse/web';

/** Made for each request; `time` formats the page's dates. */
export class PageContext {
  /** Undefined before sign-in. */
  readonly user: { name: string; role: Role } | undefined;
  readonly time: TimeFormat;

  /** @param zone from a cookie; may be anything, and means UTC when it is unknown */
  constructor(user: { name: string; role: Role } | undefined, zone: string | undefined) {
    this.user = user;
    this.time = new TimeFormat('en-GB', zone);
  }

  /** Whether the user has at least that role. */
  may(role: Role): boolean {
    return this.user !== undefined && mayActAs(role, this.user.role);
  }
}
