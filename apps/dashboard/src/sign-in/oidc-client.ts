/**
 * The dashboard as a client of an OpenID Connect provider: the authorization code flow with PKCE, state and nonce. The provider's metadata is
 * read when it is first needed, so that the dashboard starts while the provider is down.
 */
import { type DashboardTimings, limits } from '@posthouse/contract';
import { boundedFetch } from '@posthouse/runtime';
import * as client from 'openid-client';
import { hasNeededClaims, type OidcUser, oidcUserOf } from './oidc-claims.ts';
import { OidcRefusal, refusalOf } from './oidc-refusals.ts';
import type { OidcSettings } from './oidc-settings.ts';

/** What a sign-in began with; the answer must match it. */
export interface SignInSecrets {
  state: string;
  nonce: string;
  /** Of PKCE (RFC 7636). */
  verifier: string;
}

/** One provider. Every method throws OidcRefusal. */
export class OidcClient {
  readonly #settings: OidcSettings;
  readonly #timings: DashboardTimings['oidc'];
  /** The last that was read, and when, by `performance.now()`. */
  #known: { configuration: client.Configuration; at: number } | undefined;
  #reading: Promise<client.Configuration> | undefined;
  #active = 0;

  constructor(settings: OidcSettings, timings: DashboardTimings['oidc']) {
    this.#settings = settings;
    this.#timings = timings;
  }

  /** The secrets of a new sign-in. */
  newSignIn(): SignInSecrets {
    return { state: client.randomState(), nonce: client.randomNonce(), verifier: client.randomPKCECodeVerifier() };
  }

  /** Where the provider asks the user to sign in. */
  async authorizationUrl({ state, nonce, verifier }: SignInSecrets): Promise<string> {
    return await this.#bounded(async () => {
      const { href } = client.buildAuthorizationUrl(await this.#configuration(), {
        redirect_uri: `${this.#settings.dashboardUrl}${callbackPath}`,
        scope: this.#settings.scope,
        state,
        nonce,
        code_challenge: await client.calculatePKCECodeChallenge(verifier),
        code_challenge_method: 'S256',
      });
      return href;
    });
  }

  /**
   * Exchanges the code of the answer for an ID token, and verifies it: signature, issuer, audience, nonce and times.
   * @param url the path and query with which the provider returned the user
   */
  async userOf(url: string, { state, nonce, verifier }: SignInSecrets): Promise<OidcUser> {
    return await this.#bounded(async () => {
      const configuration = await this.#configuration();
      const tokens = await client.authorizationCodeGrant(configuration, new URL(url, this.#settings.dashboardUrl), {
        expectedState: state,
        expectedNonce: nonce,
        pkceCodeVerifier: verifier,
        idTokenExpected: true,
      });
      const claims = tokens.claims();
      if (claims === undefined) throw new OidcRefusal('token-invalid', 'no ID token');
      if (hasNeededClaims(claims, this.#settings) || configuration.serverMetadata().userinfo_endpoint === undefined)
        return oidcUserOf(claims, this.#settings);
      const further = await client.fetchUserInfo(configuration, tokens.access_token, claims.sub);
      return oidcUserOf({ ...further, ...claims }, this.#settings);
    });
  }

  /** Where a user signs out of the provider too (OpenID Connect RP-Initiated Logout 1.0); undefined where it does not offer that, or is away. */
  async endSessionUrl(): Promise<string | undefined> {
    const configuration = this.#known?.configuration ?? (await this.#bounded(() => this.#configuration()).catch(() => undefined));
    if (configuration?.serverMetadata().end_session_endpoint === undefined) return undefined;
    return client.buildEndSessionUrl(configuration, { post_logout_redirect_uri: `${this.#settings.dashboardUrl}/login` }).href;
  }

  async #bounded<T>(work: () => Promise<T>): Promise<T> {
    if (this.#active >= limits.oidc.active) throw new OidcRefusal('too-many');
    this.#active++;
    try {
      return await work();
    } catch (error) {
      throw refusalOf(error as Error);
    } finally {
      this.#active--;
    }
  }

  /** Requests at the same time share one reading; a failed one is not kept. */
  async #configuration(): Promise<client.Configuration> {
    const known = this.#known;
    if (known !== undefined && performance.now() - known.at < this.#timings.metadata) return known.configuration;
    this.#reading ??= this.#discover().finally(() => {
      this.#reading = undefined;
    });
    return await this.#reading;
  }

  async #discover(): Promise<client.Configuration> {
    const { issuer, clientId, clientSecret, ca } = this.#settings;
    const configuration = await client.discovery(
      new URL(issuer),
      clientId,
      { [client.clockTolerance]: this.#timings.clockTolerance / 1000 },
      (server, ...request) => {
        const { token_endpoint_auth_methods_supported: methods = ['client_secret_basic'] } = server;
        const authenticate = methods.includes('client_secret_post') ? client.ClientSecretPost : client.ClientSecretBasic;
        authenticate(clientSecret)(server, ...request);
      },
      {
        // Without it the library trusts TLS and does not verify the signature of the ID token.
        execute: [client.enableNonRepudiationChecks],
        [client.customFetch]: boundedFetch({ ca, timeoutMs: this.#timings.request, maxBytes: limits.oidc.responseBytes }),
      },
    );
    // The library takes metadata of Entra ID that is for any tenant: then every tenant could sign in.
    if (configuration.serverMetadata().issuer !== issuer) throw new OidcRefusal('issuer-mismatch', 'metadata');
    this.#known = { configuration, at: performance.now() };
    return configuration;
  }
}

/** Where the provider returns users to, below DASHBOARD_URL. */
export const callbackPath = '/login/oidc/callback';
