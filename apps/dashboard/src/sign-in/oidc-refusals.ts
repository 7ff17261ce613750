/** Why a single sign-on is refused: what the page says and how to fix it, by a stable code, which is what the log has. */
import { InvalidAnswer } from '@posthouse/runtime';
import { AuthorizationResponseError, ClientError, ResponseBodyError } from 'openid-client';

const clientFix = 'An administrator checks OIDC_CLIENT_ID and OIDC_CLIENT_SECRET: the provider does not accept them.';
const again = 'Sign in again.';
const tampered = 'Sign in again. If it happens again, an administrator checks the provider: nobody is signed in with this answer.';

/** Status, title and advice of each, in English: the page translates them. */
export const refusals = {
  'state-missing': [
    400,
    'This sign-in was not started in this browser',
    'It was used already, took too long, or is a link of somebody else. Sign in again.',
  ],
  'state-mismatch': [400, 'This is the answer to another sign-in', 'It may have been started in another tab. Sign in again.'],
  'state-used': [400, 'This sign-in was used already', again],
  'access-denied': [403, 'The sign-in was cancelled', 'You or the provider denied it. Sign in again, or with a local user.'],
  'provider-refused': [502, 'The provider refused the sign-in', 'The log of the dashboard has the reason that it gave.'],
  'provider-unreachable': [503, 'The provider cannot be reached', 'Try again in a moment, or sign in with a local user.'],
  'provider-invalid': [
    502,
    'The provider gave an answer that is not OpenID Connect',
    'An administrator checks OIDC_ISSUER: the log of the dashboard has details.',
  ],
  'too-many': [503, 'Too many sign-ins in progress', 'Try again in a moment, or sign in with a local user.'],
  'code-refused': [400, 'The provider does not accept this sign-in any more', 'It was used already, or took too long. Sign in again.'],
  'client-refused': [502, 'The provider does not know this dashboard', clientFix],
  'issuer-mismatch': [
    502,
    'The answer is from another issuer',
    'An administrator sets OIDC_ISSUER to exactly what the provider states, with or without the slash at its end.',
  ],
  'audience-mismatch': [502, 'The answer is for another application', tampered],
  'nonce-mismatch': [400, 'The answer belongs to another sign-in', tampered],
  'token-expired': [
    502,
    'The answer of the provider is too old or not valid yet',
    'Sign in again. If it happens again, an administrator compares the clocks of provider and dashboard.',
  ],
  'token-signature': [502, 'The answer of the provider has no valid signature', tampered],
  'token-invalid': [502, 'The answer of the provider is invalid', tampered],
  'name-missing': [
    403,
    'The provider does not say who you are',
    'An administrator sets OIDC_NAME_CLAIM to a claim that every user has, or adds the claim at the provider.',
  ],
  'name-invalid': [
    403,
    'Your name cannot be used here',
    'It is too long, or has blanks or invisible characters. An administrator sets OIDC_NAME_CLAIM to another claim.',
  ],
  'email-unverified': [403, 'The provider has not verified your address', 'A claim email counts only where email_verified is true.'],
  'role-claim-missing': [
    403,
    'The provider does not say what you may do',
    'An administrator checks OIDC_ROLE_CLAIM, and that the provider adds the claim to the ID token or to userinfo.',
  ],
  'role-not-mapped': [403, 'You have no access to this dashboard', 'An administrator maps one of your groups or roles in OIDC_ROLES.'],
} as const satisfies Record<string, readonly [status: number, title: string, advice: string]>;

export type RefusalCode = keyof typeof refusals;

/** A single sign-on that signs nobody in. */
export class OidcRefusal extends Error {
  override readonly name = 'OidcRefusal';
  readonly code: RefusalCode;
  readonly statusCode: number;
  readonly title: string;
  readonly advice: string;
  /** For the log: fixed words or a code, never a value that the provider or the browser sent. */
  readonly detail: string | undefined;
  /** The user's name in the audit log, where the provider has proven it. */
  who: string | undefined;

  constructor(code: RefusalCode, detail?: string) {
    super(code);
    this.code = code;
    [this.statusCode, this.title, this.advice] = refusals[code];
    this.detail = detail;
  }
}

/** An error of openid-client, or of the connection below it, as a refusal. @throws what is neither, such as QueueUnavailable */
export function refusalOf(error: Error & { code?: unknown }): OidcRefusal {
  if (error instanceof OidcRefusal) return error;
  if (error instanceof AuthorizationResponseError) {
    const given = plainCode(error.error);
    return new OidcRefusal(given === 'access_denied' ? 'access-denied' : 'provider-refused', given);
  }
  if (error instanceof ResponseBodyError) return ofErrorAnswer(error);
  if (error instanceof InvalidAnswer) return new OidcRefusal('provider-invalid', error.message);
  if (error instanceof ClientError || String(error.code).startsWith('OAUTH_')) return ofLibraryError(error);
  if (error.name === 'AbortError') return new OidcRefusal('provider-unreachable', 'no answer in time');
  if (typeof error.code === 'string' && /^[A-Z0-9_]+$/.test(error.code) && !error.code.startsWith('ERR_INVALID'))
    return new OidcRefusal('provider-unreachable', error.code);
  throw error;
}

/** An error answer of the token endpoint (RFC 6749 section 5.2). */
function ofErrorAnswer({ error, status }: ResponseBodyError): OidcRefusal {
  const given = `${plainCode(error)}, ${status}`;
  if (status >= 500 || status === 429) return new OidcRefusal('provider-unreachable', given);
  if (error === 'invalid_grant') return new OidcRefusal('code-refused', given);
  if (error === 'invalid_client' || error === 'unauthorized_client') return new OidcRefusal('client-refused', given);
  return new OidcRefusal('provider-refused', given);
}

function ofLibraryError({ code, cause, message }: Error & { code?: unknown }): OidcRefusal {
  if (cause instanceof Response) {
    const isAway = cause.status >= 500 || cause.status === 429;
    return new OidcRefusal(isAway ? 'provider-unreachable' : 'provider-invalid', `${message}: ${cause.status}`);
  }
  const inner = cause instanceof Error ? cause : undefined;
  const { claim, attribute } = Object(inner?.cause ?? cause) as { claim?: unknown; attribute?: unknown };
  // The library's own messages are fixed words; that of a parser quotes what it parsed.
  const words = inner?.name === 'OperationProcessingError' || inner?.name === 'UnsupportedOperationError' ? inner.message : message;
  switch (code) {
    case 'OAUTH_JWT_TIMESTAMP_CHECK_FAILED':
      return new OidcRefusal('token-expired', words);
    case 'OAUTH_JWT_CLAIM_COMPARISON_FAILED':
      return new OidcRefusal(claimMismatch[String(claim)] ?? 'token-invalid', words);
    case 'OAUTH_JSON_ATTRIBUTE_COMPARISON_FAILED':
      return new OidcRefusal(attribute === 'issuer' ? 'issuer-mismatch' : 'token-invalid', words);
    case 'OAUTH_KEY_SELECTION_FAILED':
    case 'OAUTH_UNSUPPORTED_OPERATION':
      return new OidcRefusal('token-signature', words);
    case 'OAUTH_INVALID_RESPONSE':
      if (/\biss\b.*response parameter/.test(words)) return new OidcRefusal('issuer-mismatch', words);
      if (/signature|"alg"/.test(words)) return new OidcRefusal('token-signature', words);
      return new OidcRefusal('token-invalid', words);
    case undefined:
      // The error of a request, wrapped.
      if (inner !== undefined) return refusalOf(inner);
      return new OidcRefusal('provider-invalid', words);
    default:
      return new OidcRefusal('provider-invalid', words);
  }
}

const claimMismatch: Readonly<Record<string, RefusalCode>> = {
  iss: 'issuer-mismatch',
  aud: 'audience-mismatch',
  azp: 'audience-mismatch',
  nonce: 'nonce-mismatch',
};

/** An error code of a provider, which could be any text. */
function plainCode(code: string): string {
  return /^[a-z_]{1,40}$/.test(code) ? code : 'an unknown error';
}
