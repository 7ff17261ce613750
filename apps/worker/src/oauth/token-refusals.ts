/** What a token endpoint's refusal means: by Microsoft's code (AADSTS…) where there is one, else by the error of RFC 6749 section 5.2. */
import type { ReasonCode } from '@posthouse/contract';

/** Microsoft's codes: learn.microsoft.com, "Microsoft Entra authentication and authorization error codes". */
const microsoft: Readonly<Record<string, ReasonCode>> = {
  7000222: 'token-secret-expired',
  7000215: 'token-secret-wrong',
  90002: 'token-tenant-unknown',
  900023: 'token-tenant-unknown',
  700016: 'token-tenant-unknown',
  70011: 'token-scope-refused',
  500011: 'token-scope-refused',
  1002012: 'token-scope-refused',
  700024: 'token-clock',
  700023: 'token-assertion-refused',
  700027: 'token-assertion-refused',
};

const standard: Readonly<Record<string, ReasonCode>> = {
  invalid_client: 'token-secret-wrong',
  invalid_scope: 'token-scope-refused',
  invalid_target: 'token-scope-refused',
  invalid_grant: 'token-assertion-refused',
  unauthorized_client: 'token-not-allowed',
  access_denied: 'token-not-allowed',
};

/** Google says so of a JWT that its clock has ended or not begun. */
const ofClock = /\b(iat|exp|short-lived|reasonable timeframe)\b/i;

/**
 * @param description words of the endpoint, which may repeat what it was sent: only codes of it are passed on
 * @returns the reason, and the codes that the endpoint gave
 */
export function explainTokenRefusal(error: string, description = ''): { code: ReasonCode; detail: string } {
  const [, number = ''] = /\bAADSTS(\d{3,8})\b/.exec(description) ?? [];
  const name = /^[a-z_]{1,40}$/.test(error) ? error : 'an unknown error';
  const isClock = error === 'invalid_grant' && ofClock.test(description);
  const code = microsoft[number] ?? (isClock ? 'token-clock' : standard[name]) ?? 'token-refused';
  return { code, detail: number === '' ? name : `${name}, AADSTS${number}` };
}
