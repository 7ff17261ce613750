/** Where to go after sign-in: a path of this site, or `/`. A browser reads `//host` and `/\host` as another site, and so does URL. */
export function localPath(next: unknown): string {
  const here = 'http://here.invalid';
  if (typeof next !== 'string' || !next.startsWith('/') || !URL.canParse(next, here)) return '/';
  const { origin, pathname, search } = new URL(next, here);
  return origin === here && !pathname.startsWith('//') ? pathname + search : '/';
}
