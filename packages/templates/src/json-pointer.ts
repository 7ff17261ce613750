/**
 * The names on the way of a JSON pointer (RFC 6901): `/items/0/price` → `items`, `0`, `price`. The empty pointer has none.
 */
export function pointerTokens(pointer: string): string[] {
  const tokens = pointer.split('/').slice(1);
  return tokens.map((token) => token.replaceAll('~1', '/').replaceAll('~0', '~'));
}
