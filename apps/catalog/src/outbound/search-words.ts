/** What the words mean to PostgreSQL: the whole, and the part before a last word that may be unfinished. */
export type SearchWords = { readonly whole: string; readonly before: string; readonly prefix: string };

/** Takes the last word apart if it is a plain one, which somebody may still be typing. */
export function searchWords(typed: string): SearchWords {
  const whole = typed.trim();
  const last = /(?:^|\s)([\p{L}\p{N}]+)$/u.exec(whole)?.[1];
  if (last === undefined) return { whole, before: whole, prefix: "" };
  return { whole, before: whole.slice(0, -last.length), prefix: `'${last}':*` };
}
