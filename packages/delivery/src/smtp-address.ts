/**
 * Addresses as SMTP commands and headers write them (RFC 5321 section 4.1.2). A local part that is no dot-string, such as the `a..b` and
 * `a.` that Japanese carriers have given out, goes in quotes. Local parts never contain quotes or backslashes: see parseMailbox.
 */

/** `a..b@docomo.ne.jp` → `"a..b"@docomo.ne.jp`; any other address unchanged. */
export function quotedAddress(address: string): string {
  const at = address.lastIndexOf('@');
  return /^\.|\.\.|\.@/.test(address.slice(0, at + 1)) ? `"${address.slice(0, at)}"${address.slice(at)}` : address;
}

/** The address that `quotedAddress` was called with. */
export function unquotedAddress(quoted: string): string {
  return quoted.replace(/^"(.*)"@/, '$1@');
}
