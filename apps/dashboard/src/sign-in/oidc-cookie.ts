/**
 * A sign-in that waits for the provider's answer. It is in a cookie of the browser that began it, sealed, and nowhere else: what anybody can
 * begin costs no memory. The cookie is sent with the provider's redirect, which comes from another site, so it is not as strict as the session's.
 */
import type { Sealer } from '@posthouse/queue';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { SignInSecrets } from './oidc-client.ts';

/** A sign-in in progress. */
export interface PendingSignIn extends SignInSecrets {
  /** The path to go to afterwards. */
  next: string;
  /** ms since the epoch. */
  expiresAt: number;
}

const cookieName = 'posthouse_sign_in';
const sealedFor = 'sign-in/oidc';

/** The cookie of sign-ins in progress. @param dashboardUrl with https, the cookie is sent with TLS only */
export class PendingSignInCookie {
  readonly #sealer: Sealer;
  readonly #attributes: { httpOnly: true; sameSite: 'lax'; path: string; secure: boolean };

  constructor(sealer: Sealer, dashboardUrl: string) {
    this.#sealer = sealer;
    this.#attributes = { httpOnly: true, sameSite: 'lax', path: '/login/oidc', secure: dashboardUrl.startsWith('https:') };
  }

  /** @param ms how long the browser keeps it */
  set(reply: FastifyReply, signIn: PendingSignIn, ms: number): void {
    const value = this.#sealer.seal(JSON.stringify(signIn), sealedFor).toString('base64url');
    reply.setCookie(cookieName, value, { ...this.#attributes, maxAge: ms / 1000 });
  }

  clear(reply: FastifyReply): void {
    reply.clearCookie(cookieName, this.#attributes);
  }

  /** The sign-in that this browser began; undefined where there is none, or its time is over. */
  read({ cookies }: FastifyRequest): PendingSignIn | undefined {
    try {
      const value = Buffer.from(cookies[cookieName] ?? '', 'base64url');
      const signIn: PendingSignIn = JSON.parse(this.#sealer.decrypt(value, sealedFor));
      return signIn.expiresAt > Date.now() ? signIn : undefined;
    } catch {
      // It is not one that this dashboard sealed.
      return undefined;
    }
  }
}
