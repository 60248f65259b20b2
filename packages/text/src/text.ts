import { lengthOf } from "./length.ts";

/** What a text may be. */
export interface TextRule {
  /** The fewest characters. Default 0. */
  readonly min?: number;
  /** The most characters, in code points. */
  readonly max: number;
  /** Whether it may have several lines. Default false. */
  readonly lines?: boolean;
}

/** White space, and what takes no space and joins nothing: zero width space, word joiner, soft hyphen. */
const AROUND = /^[\s\u00ad\u180e\u200b\u2060\ufeff]+|[\s\u00ad\u180e\u200b\u2060\ufeff]+$/gu;
/** Embeddings, overrides and isolates change the direction of what follows the text; the others have no use outside of programs. */
const DIRECTION = /[\u202a-\u202e\u2066-\u206f\ufff9-\ufffb]/u;
const CONTROL = /[\p{Cc}\p{Cs}\p{Zl}\p{Zp}]/u;
const CONTROL_BUT_LINES = /[^\P{Cc}\t\n\r]|\p{Cs}/u;
/** Letters, digits, punctuation and symbols that have a shape: not the fillers, not the blank of Braille, not the null note. */
const VISIBLE = /(?![\p{Default_Ignorable_Code_Point}\u2800\u{1d159}])[\p{L}\p{N}\p{P}\p{S}]/u;

/**
 * Returns the text as it is stored, compared and counted: in NFC, without white space and invisible characters around it. A
 * text of invisible characters alone stays as it is, for {@link textViolation} to refuse.
 */
export function readText(raw: string): string {
  const text = raw.trim().normalize("NFC");
  return text.replace(AROUND, "") || text;
}

/**
 * Returns what is wrong with a text that {@link readText} has read, or undefined. A text that is not empty has something
 * visible, no control characters, no line breaks unless the rule allows them, and nothing that changes the direction of text.
 */
export function textViolation(text: string, { min = 0, max, lines = false }: TextRule): string | undefined {
  const length = lengthOf(text);
  if (length < min || length > max)
    return min === 0 ? `Must be at most ${max} characters.` : `Must be ${min} to ${max} characters.`;
  if (lines ? CONTROL_BUT_LINES.test(text) : CONTROL.test(text))
    return lines ? "Must not contain control characters." : "Must not contain control characters or line breaks.";
  if (DIRECTION.test(text))
    return "Must not contain characters that change the direction of text (U+202A to U+202E, U+2066 to U+206F).";
  if (text !== "" && !VISIBLE.test(text)) return "Must contain a visible character.";
  return undefined;
}
