/** The name that a caller probably meant: `reply_to` for `replyTo`, `singup` for `signup`. Only looked for where a name is unknown. */

const maxLength = 64;

/** @returns the known name that is most similar to the written one; undefined where none is similar */
export function similarName(written: string, known: Iterable<string>): string | undefined {
  if (written.length > maxLength) return undefined;
  const plain = plainName(written);
  let best: { name: string; edits: number } | undefined;
  for (const name of known) {
    const edits = editsBetween(plain, plainName(name));
    if (edits < (best?.edits ?? Number.POSITIVE_INFINITY)) best = { name, edits };
  }
  // In a short name two edits make any other one.
  return best !== undefined && best.edits <= (plain.length < 4 ? 0 : plain.length < 6 ? 1 : 2) ? best.name : undefined;
}

/** Without what conventions of writing differ in: `Reply-To`, `reply_to` and `replyTo` are the same. */
function plainName(name: string): string {
  return name.toLowerCase().replace(/[-_ ]/g, '');
}

/** Letters to insert, delete, replace, or swap with the next one (Levenshtein, Damerau); more than two count as three. */
function editsBetween(a: string, b: string): number {
  if (Math.abs(a.length - b.length) > 2) return 3;
  const rows = [Array.from({ length: b.length + 1 }, (_, n) => n)];
  const at = (i: number, j: number) => rows[i]?.[j] ?? 3;
  for (let i = 1; i <= a.length; i++) {
    const row = [i];
    rows.push(row);
    for (let j = 1; j <= b.length; j++) {
      const isSwapped = i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1];
      const replaced = at(i - 1, j - 1) + (a[i - 1] === b[j - 1] ? 0 : 1);
      row.push(Math.min(replaced, at(i - 1, j) + 1, at(i, j - 1) + 1, isSwapped ? at(i - 2, j - 2) + 1 : 3));
    }
  }
  return Math.min(at(a.length, b.length), 3);
}
