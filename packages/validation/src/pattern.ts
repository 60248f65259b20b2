import { RE2JS } from "@bufbuild/re2";

/** `^[class]{min,max}$`, and the same in `(?:…)?` for a text that may be empty. */
const CHARACTERS = /^\^(?:\(\?:)?\[((?:[^\\\]^[]|\\-)+)\]\{(\d+),(\d+)\}(?:\)\?)?\$$/;
const compiled = new Map<string, { test(text: string): boolean }>();
/** CEL can make patterns of request data, so not all of them are stored. */
const MOST_STORED = 1_024;

/** Which characters a pattern allows, and how many. */
export interface Characters {
  readonly min: number;
  readonly max: number;
  /** The characters as people read them: `A-Z a-z 0-9 - _`. */
  readonly allowed: string;
}

/** Returns the characters that a pattern of one character class allows; undefined for any other pattern. */
export function charactersOf(pattern: string): Characters | undefined {
  const match = CHARACTERS.exec(pattern);
  if (match === null) return undefined;
  const [, set = "", min, max] = match;
  const parts = set.match(/\\-|.-[^\\]|./gu) ?? [];
  const allowed = parts.map((part) => {
    if (part === "\\-") return "-";
    if (part.length > 2 && !/\w-\w/.test(part)) return part.replace("-", " to ");
    return part;
  });
  return { min: Number(min), max: Number(max), allowed: allowed.join(" ") };
}

/**
 * Returns whether a text matches an RE2 pattern, in linear time. Patterns of one character class mean the same in JavaScript, which
 * matches them much faster.
 *
 * @throws Error if the pattern is not valid in RE2
 */
export function matches(pattern: string, text: string): boolean {
  let matcher = compiled.get(pattern);
  if (matcher === undefined) {
    if (compiled.size >= MOST_STORED) compiled.clear();
    matcher = charactersOf(pattern) ? new RegExp(pattern, "u") : RE2JS.compile(pattern);
    compiled.set(pattern, matcher);
  }
  return matcher.test(text);
}
