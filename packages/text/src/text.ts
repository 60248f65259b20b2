import { type FieldViolation, violation } from "@kontor/errors";
import { lengthOf } from "./length.ts";

/** The rule of a text. */
export interface TextRule {
  /** The fewest characters. Default 0. */
  readonly min?: number;
  /** The most characters, in code points. */
  readonly max: number;
  /** Whether it may have several lines. Default false. */
  readonly lines?: boolean;
}

/** White space, and characters without width that join nothing: zero width space, word joiner, soft hyphen. */
const AROUND = /^[\s\u00ad\u180e\u200b\u2060\ufeff]+|[\s\u00ad\u180e\u200b\u2060\ufeff]+$/gu;
/** Embeddings, overrides and isolates change the direction of the text after them; the others have no use outside of programs. */
const DIRECTION = /[\u202a-\u202e\u2066-\u206f\ufff9-\ufffb]/u;
const CONTROL = /[\p{Cc}\p{Cs}\p{Zl}\p{Zp}]/u;
const CONTROL_BUT_LINES = /[^\P{Cc}\t\n\r]|\p{Cs}/u;
/** Letters, digits, punctuation and symbols that have a shape: not the fillers, not the blank of Braille, not the null note. */
const VISIBLE = /(?![\p{Default_Ignorable_Code_Point}\u2800\u{1d159}])[\p{L}\p{N}\p{P}\p{S}]/u;

/**
 * Returns the text as it is stored, compared and counted: in NFC, without white space and invisible characters around it. A text of only
 * invisible characters is returned unchanged, and {@link checkText} refuses it.
 *
 * ```ts
 * readText("  Straße\u200b "); // "Straße"
 * ```
 */
export function readText(raw: string): string {
  const text = raw.trim().normalize("NFC");
  return text.replace(AROUND, "") || text;
}

/**
 * Returns the violation of a field's text that {@link readText} has read, or false. A text that is not empty has something
 * visible, no control characters, and nothing that changes the direction of text. Line breaks are invalid unless the rule allows them.
 *
 * ```ts
 * const reason = readText(" too\u0007late ");
 * const wrong = checkText("reason", reason, { max: 200 }); // A violation: a control character.
 * ```
 */
export function checkText(
  field: string,
  text: string,
  { min = 0, max, lines = false }: TextRule,
): FieldViolation | false {
  const length = lengthOf(text);
  if (length < min || length > max)
    return min === 0 ? violation(field, "TOO_LONG", { max }) : violation(field, "WRONG_LENGTH", { min, max });
  if (lines ? CONTROL_BUT_LINES.test(text) : CONTROL.test(text))
    return violation(field, lines ? "CONTROL_CHARACTERS" : "LINE_BREAKS");
  if (DIRECTION.test(text)) return violation(field, "DIRECTION_CHARACTERS");
  if (text !== "" && !VISIBLE.test(text)) return violation(field, "NOTHING_VISIBLE");
  return false;
}
