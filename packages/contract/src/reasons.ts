/**
 * Every reason code that is ours and not a server's reply, in one table. A record, a log line and a page show a reason wherever
 * they say why a mail is in its state: a code of this table, another error code of the connection, or a reply's code.
 */

/** Whose failure it is: where to look for the fix. `nobody` for what a person or a time limit decided. */
export type ReasonCause = 'mail' | 'template' | 'provider' | 'network' | 'worker' | 'redis' | 'configuration' | 'nobody';

/** One row of the table. */
export interface ReasonDescription {
  /** What it means: one clause that continues "ECONNREFUSED: …". */
  meaning: string;
  cause: ReasonCause;
}

/** By code. A code that ends in `*` stands for every code that begins so: OpenSSL and Node have dozens of each. */
export const reasons = {
  // The mail itself: no retry helps until it, its template or its record is changed.
  'template-unknown': { meaning: 'this worker has no template of this name', cause: 'template' },
  'template-data': {
    meaning: "the data does not match the template's schema, which has changed since the mail was accepted",
    cause: 'template',
  },
  render: { meaning: 'the template cannot be rendered with this data', cause: 'template' },
  compose: { meaning: 'no MIME message can be composed from the mail', cause: 'mail' },
  'content-missing': { meaning: 'the record has no content to send', cause: 'mail' },
  'record-unreadable': { meaning: 'the record in Redis is damaged or was edited', cause: 'redis' },
  'key-missing': {
    meaning: 'the record is sealed with a key that this worker does not have; check POSTHOUSE_SECRET',
    cause: 'configuration',
  },
  EMESSAGE: { meaning: 'the message is larger than the provider accepts', cause: 'mail' },
  EENVELOPE: { meaning: 'the sender or a recipient cannot be written in an SMTP command', cause: 'mail' },

  'too-large-for-provider': { meaning: 'the message is larger than the provider accepts', cause: 'mail' },
  'smtputf8-not-offered': { meaning: 'an address is not ASCII, and the provider does not offer SMTPUTF8', cause: 'mail' },
  'eightbitmime-not-offered': { meaning: 'the message is not ASCII, and the provider does not offer 8BITMIME', cause: 'mail' },

  // Our own processes.
  'already-ended': { meaning: 'the mail had ended before this run of its job', cause: 'nobody' },
  'no-reply': { meaning: 'the message was sent and no reply came; it may have arrived', cause: 'worker' },
  'no-verdict': { meaning: 'several runs died without a result; the mail may crash its worker', cause: 'worker' },
  internal: { meaning: "a bug in Posthouse; the worker's log has the stack trace", cause: 'worker' },
  'worker-stopping': { meaning: 'the worker stopped before the mail was sent', cause: 'worker' },
  'lease-lost': { meaning: 'another worker has the mail', cause: 'worker' },
  'gate-denied': {
    meaning: 'just before sending, the mail had been cancelled or Redis could not be asked; nothing was sent',
    cause: 'redis',
  },
  'rate-unknown': { meaning: "Redis did not return the provider's sending rate; nothing was sent", cause: 'redis' },

  // What a person or a time limit decided.
  cancelled: { meaning: 'cancelled before sending', cause: 'nobody' },
  expired: { meaning: 'not sent before its expiry time', cause: 'nobody' },
  resolved: { meaning: 'a user confirmed that it had arrived', cause: 'nobody' },

  // The provider, before any reply about the mail.
  'circuit-open': { meaning: 'the circuit of every provider is open; mail waits until a probe succeeds', cause: 'provider' },
  'provider-slow': { meaning: 'the provider takes long to reply, so the mail goes to another', cause: 'provider' },
  'rate-limited': { meaning: "the provider's sending rate is used up", cause: 'provider' },
  EAUTH: { meaning: 'the provider refuses the login', cause: 'configuration' },
  ENOAUTH: { meaning: 'the provider offers no login that can be used, so none was tried', cause: 'configuration' },
  'oauth-required': {
    meaning: 'the provider requires OAuth and offers no login with a password; write ?auth=oauth',
    cause: 'configuration',
  },
  'token-unreachable': {
    meaning: 'the token endpoint cannot be reached or does not answer in time, so there is no access token',
    cause: 'network',
  },
  'token-invalid': { meaning: 'the token endpoint answered with no usable token; check SMTP_OAUTH_TOKEN_URL', cause: 'configuration' },
  'token-source': { meaning: 'a key or secret for the token endpoint cannot be read or used', cause: 'configuration' },
  'token-secret-expired': {
    meaning: 'the secret of the OAuth client has expired; create another one and set it in SMTP_OAUTH_CLIENT_SECRET',
    cause: 'configuration',
  },
  'token-secret-wrong': {
    meaning: 'the token endpoint refuses the OAuth client; check SMTP_OAUTH_CLIENT_ID and its secret',
    cause: 'configuration',
  },
  'token-tenant-unknown': {
    meaning: 'the tenant is unknown, or does not know the client; check SMTP_OAUTH_TENANT and SMTP_OAUTH_CLIENT_ID',
    cause: 'configuration',
  },
  'token-scope-refused': {
    meaning: 'the token endpoint refuses the scope or the audience; check SMTP_OAUTH_SCOPE',
    cause: 'configuration',
  },
  'token-clock': { meaning: "the token endpoint refuses the time of the request; set this machine's clock", cause: 'configuration' },
  'token-assertion-refused': {
    meaning: 'the token endpoint refuses what the key signed: is the certificate registered, and is the token URL right',
    cause: 'configuration',
  },
  'token-not-allowed': {
    meaning: 'the OAuth client may not act for the user of SMTP_URL; grant it the permission, or domain-wide delegation',
    cause: 'configuration',
  },
  'token-refused': { meaning: "the token endpoint refuses the request; the worker's log has its error code", cause: 'configuration' },
  'token-unknown': { meaning: 'Redis did not return the access token; nothing was sent', cause: 'redis' },
  'wrong-scheme': {
    meaning: 'SMTP_URL has the wrong scheme for this port; use smtp:// instead of smtps://, or smtps:// instead of smtp://',
    cause: 'configuration',
  },
  'out-of-step': {
    meaning: "the server's replies do not belong to its commands: one came too early, or is none that the command can have",
    cause: 'provider',
  },
  EPROTOCOL: { meaning: 'the reply does not follow SMTP', cause: 'provider' },

  // The connection to the provider.
  EDEADLINE: { meaning: 'no reply within the time limit', cause: 'provider' },
  ETIMEDOUT: { meaning: 'no reply within the time limit', cause: 'provider' },
  ECONNREFUSED: { meaning: "nothing listens at the provider's address and port", cause: 'provider' },
  ECONNRESET: { meaning: 'the connection to the provider broke', cause: 'network' },
  ECONNECTION: { meaning: 'the connection to the provider broke', cause: 'network' },
  ECONNABORTED: { meaning: 'the connection to the provider broke', cause: 'network' },
  EPIPE: { meaning: 'the connection to the provider broke', cause: 'network' },
  ESOCKET: { meaning: 'the connection to the provider broke', cause: 'network' },
  ESTREAM: { meaning: 'the connection to the provider broke', cause: 'network' },
  ENOTFOUND: { meaning: "DNS does not know the provider's host; check SMTP_URL and DNS", cause: 'network' },
  EAI_AGAIN: { meaning: "the DNS lookup of the provider's host failed; check DNS", cause: 'network' },
  EDNS: { meaning: "the DNS lookup of the provider's host failed; check SMTP_URL and DNS", cause: 'network' },
  EHOSTUNREACH: { meaning: "no route to the provider's network", cause: 'network' },
  ENETUNREACH: { meaning: "no route to the provider's network", cause: 'network' },
  EHOSTDOWN: { meaning: "no route to the provider's network", cause: 'network' },
  ENETDOWN: { meaning: "no route to the provider's network", cause: 'network' },

  // TLS with the provider. Exact codes before the families that contain them.
  CERT_HAS_EXPIRED: { meaning: "the provider's certificate has expired", cause: 'provider' },
  ERR_TLS_CERT_ALTNAME_INVALID: { meaning: "the provider's certificate is for another host name", cause: 'provider' },
  HOSTNAME_MISMATCH: { meaning: "the provider's certificate is for another host name", cause: 'provider' },
  'CERT_*': { meaning: "the provider's certificate is not trusted; check SMTP_CA_FILE", cause: 'configuration' },
  'DEPTH_ZERO_*': { meaning: "the provider's certificate is not trusted; check SMTP_CA_FILE", cause: 'configuration' },
  'SELF_SIGNED_*': { meaning: "the provider's certificate is not trusted; check SMTP_CA_FILE", cause: 'configuration' },
  'UNABLE_TO_*': { meaning: "the provider's certificate is not trusted; check SMTP_CA_FILE", cause: 'configuration' },
  ETLS: { meaning: 'TLS with the provider failed', cause: 'provider' },
  EREQUIRETLS: { meaning: 'TLS with the provider failed', cause: 'provider' },
  EPROTO: { meaning: 'TLS with the provider failed', cause: 'provider' },
  'ERR_TLS_*': { meaning: 'TLS with the provider failed', cause: 'provider' },
  'ERR_SSL_*': { meaning: 'TLS with the provider failed', cause: 'provider' },
} as const satisfies Record<string, ReasonDescription>;

/** A code of the table. */
export type ReasonCode = WithoutStar<keyof typeof reasons>;

/** An enhanced status code (RFC 3463): class, subject and detail. */
export type EnhancedCode = `${number}.${number}.${number}`;

/** A reply's reason: its code (RFC 5321 section 4.2), and its enhanced status code where the server gave one. */
export type ReplyReason = `${number}` | `${number} ${EnhancedCode}`;

/** An error code of Node, OpenSSL or nodemailer; the table has the frequent ones. */
export type ErrorCode = Uppercase<string>;

/** Why a mail or a recipient is in its state. */
export type Reason = ReasonCode | ReplyReason | ErrorCode;

type WithoutStar<Code extends string> = Code extends `${infer Prefix}*` ? `${Prefix}${string}` : Code;

/** Whether a text has the form of a reason: a code of the table, a reply's code (`0` for a reply without one), or an error code. */
export function isReason(text: string): text is Reason {
  if (/^(?:0|\d{3}(?: \d\.\d{1,3}\.\d{1,3})?)$/.test(text) || errorCode.test(text)) return true;
  return Object.hasOwn(reasons, text) && !text.endsWith('*');
}

/** An error's code as a reason; `ECONNECTION` where it has none, or one of another form. */
export function errorReason(code: string | undefined): ErrorCode {
  return code !== undefined && errorCode.test(code) ? (code as ErrorCode) : 'ECONNECTION';
}

/** The row of a reason; undefined for a reply and for a code that the table does not have. */
export function describeReason(reason: string): ReasonDescription | undefined {
  if (Object.hasOwn(reasons, reason)) return reasons[reason as keyof typeof reasons];
  const family = families.find(([prefix]) => reason.startsWith(prefix));
  return family?.[1];
}

const errorCode = /^[A-Z][A-Z0-9_]*$/;

const families = Object.entries(reasons).flatMap(([code, row]) => (code.endsWith('*') ? [[code.slice(0, -1), row] as const] : []));
