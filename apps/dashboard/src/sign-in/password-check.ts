/** Verifies the password of a user within the limits on attempts, and counts failures in the audit log. */
import { verifyPassword } from '@posthouse/access';
import { AuditLog, type RequestConnection } from '@posthouse/queue';
import type { Accounts, User } from './accounts.ts';
import { SignInLimiter } from './sign-in-limiter.ts';

/** The attempts of one dashboard, at the sign-in and at a change of the password. */
export class PasswordCheck {
  readonly #accounts: Accounts;
  readonly #audit: AuditLog;
  readonly #limiter: SignInLimiter;

  constructor(connection: RequestConnection, accounts: Accounts) {
    this.#accounts = accounts;
    this.#audit = new AuditLog(connection);
    this.#limiter = new SignInLimiter(connection.timings.dashboard);
  }

  /**
   * @param address IP address of the client
   * @param name what was typed, which may be anything
   * @param rejected how a wrong password is recorded
   * @returns undefined where there is no such user or the password is wrong
   * @throws HttpError 429 or 503 beyond the limits, or QueueUnavailable
   */
  async verify(
    { address, name, password }: { address: string; name: string; password: string },
    rejected: 'sign-in rejected' | 'password change rejected',
  ): Promise<User | undefined> {
    const attempted: { user?: User | undefined } = {};
    const user = await this.#limiter.attempt(address, name, async () => {
      attempted.user = await this.#accounts.find(name);
      return (await verifyPassword(password, attempted.user?.hash)) ? attempted.user : undefined;
    });
    if (user !== undefined) return user;
    const failure = { user: attempted.user, detail: address };
    await this.#audit.countFailedSignIn({ ...failure, action: rejected });
    if (this.#limiter.isLockedOut(address, name)) await this.#audit.countFailedSignIn({ ...failure, action: 'sign-in locked out' });
    return undefined;
  }
}
