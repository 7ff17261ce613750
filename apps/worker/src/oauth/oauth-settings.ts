/** Reads where the access tokens of a provider with `?auth=oauth` come from: the variables that begin with `SMTP_OAUTH_`. */
import { createHash } from 'node:crypto';
import type { Provider } from '@posthouse/delivery';
import { certificateFile, type EnvReader, type Parser, privateKeyFile, readSecret, text } from '@posthouse/runtime';
import type { ServiceAccount, TokenSource } from './token-request.ts';

const googleScope = 'https://mail.google.com/';
const microsoftScope = 'https://outlook.office365.com/.default';

/**
 * @param provider one with OAuth. `SMTP_OAUTH_<NAME>_…`, with its name in capitals, counts before `SMTP_OAUTH_…`
 * @param ca PEM of further certificate authorities, for the token endpoint too
 * @param isProduction whether tokens are requested over TLS only
 */
export function readTokenSource(
  reader: EnvReader,
  { name, oauth }: Provider,
  ca: string | undefined,
  isProduction: boolean,
): { source: TokenSource; account: string } {
  const read = forProvider(reader, name);
  const tokenUrl = read.optional('SMTP_OAUTH_TOKEN_URL', tokenEndpoint(isProduction));
  const tenant = read.optional('SMTP_OAUTH_TENANT', tenantName);
  const clientId = read.optional('SMTP_OAUTH_CLIENT_ID', text);
  const scope = read.optional('SMTP_OAUTH_SCOPE', text);
  const secret = read.optional('SMTP_OAUTH_CLIENT_SECRET', text);
  const secretFile = read.optional('SMTP_OAUTH_CLIENT_SECRET_FILE', readable(readSecret));
  const keyFile = read.optional('SMTP_OAUTH_KEY_FILE', readable(privateKeyFile));
  const certificate = read.optional('SMTP_OAUTH_CERTIFICATE_FILE', readable(certificateFile));
  const accountFile = read.optional('SMTP_OAUTH_SERVICE_ACCOUNT_FILE', readable(serviceAccount));

  const issue = (what: string) => reader.addIssue(`SMTP_URL has ?auth= with an access token for ${name}: ${what}`);
  const set = [
    ['SMTP_OAUTH_CLIENT_SECRET', secret],
    ['SMTP_OAUTH_CLIENT_SECRET_FILE', secretFile],
    ['SMTP_OAUTH_KEY_FILE', keyFile],
    ['SMTP_OAUTH_SERVICE_ACCOUNT_FILE', accountFile],
  ].filter(([, value]) => value !== undefined);
  if (set.length !== 1) {
    const found = set.length === 0 ? '' : `; set are ${set.map(([variable]) => variable).join(', ')}`;
    issue(`set one of SMTP_OAUTH_CLIENT_SECRET (or …_FILE), SMTP_OAUTH_KEY_FILE and SMTP_OAUTH_SERVICE_ACCOUNT_FILE${found}`);
  }
  if ((keyFile === undefined) !== (certificate === undefined)) issue('SMTP_OAUTH_KEY_FILE and SMTP_OAUTH_CERTIFICATE_FILE go together');
  if (accountFile === undefined) {
    if (clientId === undefined) issue('set SMTP_OAUTH_CLIENT_ID');
    if ((tokenUrl === undefined) === (tenant === undefined)) issue('set SMTP_OAUTH_TOKEN_URL, or for Microsoft 365 SMTP_OAUTH_TENANT');
  }

  const google = accountFile === undefined ? undefined : serviceAccount(accountFile);
  const client: TokenSource['client'] =
    accountFile !== undefined
      ? { kind: 'service-account', account: () => serviceAccount(accountFile), user: oauth?.user ?? '' }
      : keyFile !== undefined && certificate !== undefined
        ? { kind: 'certificate', keyPem: () => privateKeyFile(keyFile), certPem: () => certificateFile(certificate) }
        : { kind: 'secret', secret: () => secret ?? readSecret(secretFile ?? '') };
  const source: TokenSource = {
    tokenUrl: tokenUrl ?? google?.tokenUrl ?? `https://login.microsoftonline.com/${tenant}/oauth2/v2.0/token`,
    clientId: clientId ?? google?.email ?? '',
    scope: scope ?? (google !== undefined ? googleScope : tenant !== undefined ? microsoftScope : undefined),
    client,
    ca,
  };
  const secrets = [secret, secretFile && readSecret(secretFile), keyFile && privateKeyFile(keyFile), google?.keyPem];
  return { source, account: digest([source.tokenUrl, source.clientId, source.scope, ...secrets]) };
}

/** Workers with other credentials have their own circuit and their own token. */
function digest(values: readonly unknown[]): string {
  return createHash('sha256').update(JSON.stringify(values)).digest('hex').slice(0, 12);
}

/** Reads each variable under the name that is for this provider only, else under the one for all. */
function forProvider(read: EnvReader, provider: string): Pick<EnvReader, 'optional'> {
  const own = `SMTP_OAUTH_${provider.toUpperCase().replaceAll(/[^A-Z0-9]+/g, '_')}_`;
  return { optional: (name, parse) => read.optional(name.replace('SMTP_OAUTH_', own), parse) ?? read.optional(name, parse) };
}

/** A file that can be read and parsed now; it is read again for each request of a token. @returns its path */
const readable =
  (parse: (path: string) => unknown): Parser<string> =>
  (path) => {
    parse(path);
    return path;
  };

const tokenEndpoint =
  (isProduction: boolean): Parser<string> =>
  (raw) => {
    const url = URL.canParse(raw) ? new URL(raw) : undefined;
    const isLoopback = url?.protocol === 'http:' && /^(localhost|127\.0\.0\.1|\[::1\])$/.test(url.hostname);
    if (url?.username !== '' || url.hash !== '' || !(url.protocol === 'https:' || (isLoopback && !isProduction)))
      throw new Error('must be an https:// URL; http:// only to this machine, outside production');
    return raw;
  };

const tenantName: Parser<string> = (raw) => {
  if (!/^[\w-]+(\.[\w-]+)*$/.test(raw)) throw new Error('must be the id of a tenant, or its domain');
  return raw;
};

/** The key file of a Google service account. */
function serviceAccount(path: string): ServiceAccount & { tokenUrl: string | undefined } {
  const fields = jsonObject(readSecret(path));
  const field = (name: string) => (typeof fields[name] === 'string' ? fields[name] : undefined);
  const [email, keyPem] = [field('client_email'), field('private_key')];
  if (email === undefined || keyPem === undefined) throw new Error(`must name the JSON key file of a service account; ${path} is none`);
  const tokenUrl = field('token_uri');
  return { email, keyPem, keyId: field('private_key_id'), tokenUrl: tokenUrl === undefined ? undefined : tokenEndpoint(true)(tokenUrl) };
}

function jsonObject(json: string): Record<string, unknown> {
  try {
    return Object(JSON.parse(json));
  } catch {
    return {};
  }
}
