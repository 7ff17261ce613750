/** How the dashboard waits for an OpenID Connect provider, and how long what it said counts. */
import { minute, second } from './duration.ts';

/** Of single sign-on; in ms. */
export interface OidcTimings {
  /** How long each request to the provider may take, until its whole answer. */
  readonly request: number;
  /** How long a user may take at the provider, from the button on our page until the return. */
  readonly signIn: number;
  /** After this time the provider's metadata is read again. */
  readonly metadata: number;
  /** How far the clocks of provider and dashboard may differ. */
  readonly clockTolerance: number;
}

/** In production. */
export const oidcTimings: OidcTimings = {
  request: 10 * second,
  signIn: 10 * minute,
  metadata: 60 * minute,
  clockTolerance: 1 * minute,
};
