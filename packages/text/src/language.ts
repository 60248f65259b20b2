/**
 * Returns the offered language that an Accept-Language header (RFC 9110, section 12.5.4) gives the highest weight, by the
 * lookup of RFC 4647: `de-AT` accepts `de`. Returns the first one offered if the header accepts none or is absent.
 *
 * ```ts
 * import { preferredLanguage } from "@kontor/text/language";
 * preferredLanguage("de-AT, en;q=0.5", ["en", "de"]); // "de"
 * ```
 */
export function preferredLanguage<L extends string>(header: string | undefined, offered: readonly [L, ...L[]]): L {
  let best: { language: L; weight: number } | undefined;
  const ranges = (header ?? "").slice(0, 1_000).split(",").map(parseRange);
  for (const language of offered) {
    const weight = weightOf(language, ranges);
    if (weight > (best?.weight ?? 0)) best = { language, weight };
  }
  return best?.language ?? offered[0];
}

interface Range {
  readonly tag: string;
  readonly weight: number;
}

function parseRange(text: string): Range {
  const [, tag = "", q = "1"] = /^\s*([a-z0-9*-]+)\s*(?:;\s*q\s*=\s*([01](?:\.\d{0,3})?)\s*)?$/i.exec(text) ?? [];
  return { tag: tag.toLowerCase(), weight: Number(q) };
}

/** Returns the weight of the range that fits best: the language itself, then its most specific variant, then `*`. */
function weightOf(language: string, ranges: readonly Range[]): number {
  const wanted = language.toLowerCase();
  const exact = ranges.find(({ tag }) => tag === wanted);
  if (exact !== undefined) return exact.weight;
  const variants = ranges.filter(({ tag }) => tag.startsWith(`${wanted}-`)).map(({ weight }) => weight);
  if (variants.length > 0) return Math.max(...variants);
  return ranges.find(({ tag }) => tag === "*")?.weight ?? 0;
}
