/** The arguments of MAIL and RCPT (RFC 5321 section 4.1.2): an address in angle brackets, and parameters. */
import { parseMailbox } from '@posthouse/contract';

/** The arguments of one of these commands. */
export interface SmtpPath {
  /** In stored form; '' for the null path, `<>`. */
  address: string;
  /** By name in upper case; true without a value. */
  parameters: Map<string, string | true>;
  /** A parameter that was given twice. */
  duplicate?: string;
}

/** A path, with a source route, which is ignored, or a local part in quotes. */
const expression = /^([A-Z]+ [A-Z]+):[ \t]*<(?:@[^\s<>:]+:)?("[^"\\<>]*"@[^\s<>"]*|[^\s<>"]*)>((?: +[^\s]+)*)[ \t]*$/i;

/**
 * Reads a command. Of a quoted local part the quotes are left out, as in other addresses of Posthouse.
 * @param name `MAIL FROM` or `RCPT TO`
 * @returns undefined where it is not the form of that command with one address that mail can be sent to, or with none
 */
export function readPath(name: string, command: string): SmtpPath | undefined {
  const [, given = '', written = '', rest = ''] = expression.exec(command) ?? [];
  if (given.toUpperCase() !== name) return undefined;
  const address = written === '' ? '' : parseMailbox({ address: written.replace(/^"(.*)"@/, '$1@') })?.address;
  if (address === undefined) return undefined;
  const path: SmtpPath = { address, parameters: new Map() };
  for (const parameter of rest.split(' ').filter(Boolean)) {
    const [, key = '', value] = /^([^=]+)(?:=(.*))?$/.exec(parameter) ?? [];
    const upper = key.toUpperCase();
    if (path.parameters.has(upper)) path.duplicate = upper;
    path.parameters.set(upper, value ?? true);
  }
  return path;
}
