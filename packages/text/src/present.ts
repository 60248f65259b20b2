/** Returns the fields that have a text, for `optional` fields of contracts: an empty text is absent. */
export function present<K extends string>(
  texts: Readonly<Record<K, string | undefined>>,
): { readonly [Field in K]?: string } {
  const fields = Object.entries<string | undefined>(texts).filter(([, text]) => text !== undefined && text !== "");
  return Object.fromEntries(fields) as { readonly [Field in K]?: string };
}
