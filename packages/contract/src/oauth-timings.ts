/** How access tokens of providers with OAuth are requested and renewed. */
import { minute, second } from './duration.ts';

/** All workers share one token for each provider; in ms. */
export interface OAuthTimings {
  /** How long a token endpoint may take to answer. */
  readonly request: number;
  /** How long a worker stays elected to request a token: a little longer than `request`. */
  readonly lease: number;
  /** How often a worker without a token looks whether the elected one has it. */
  readonly poll: number;
  /** A token that ends within this time is renewed, while it is still used; one with a short life in its last quarter. */
  readonly renewBefore: number;
  /** A token counts as ended this long before it ends; one with a short life a tenth of it. */
  readonly margin: number;
  /** A token that is valid for less than this cannot be used. */
  readonly minLifetime: number;
  /** How long a token is valid whose endpoint does not say so. */
  readonly defaultLifetime: number;
  /** After a token was replaced because the provider refused it, how long none is replaced for that reason. */
  readonly replaceInterval: number;
  /** What a client signs is valid from this long before it is made: the endpoint's clock may be five minutes off. */
  readonly assertionSkew: number;
  /** It is valid until this long after. */
  readonly assertionLifetime: number;
}

/** In production. */
export const oauthTimings: OAuthTimings = {
  request: 10 * second,
  lease: 15 * second,
  poll: 250,
  renewBefore: 5 * minute,
  margin: 1 * minute,
  minLifetime: 30 * second,
  defaultLifetime: 5 * minute,
  replaceInterval: 10 * minute,
  assertionSkew: 6 * minute,
  assertionLifetime: 10 * minute,
};
