import { comparable, lengthOf, spellingsOf } from "@kontor/text";

/** A word of a text, as documents and queries see it. */
export interface Word {
  /** As written, in comparable form. */
  readonly written: string;
  /** All its spellings, `written` first. */
  readonly spellings: readonly string[];
}

/** The text between two blanks or slashes: one word, or several that hyphens or apostrophes join (`t-shirt`). */
export interface Token {
  readonly words: readonly Word[];
  /** The spellings of the words written as one (`tshirt`). Empty if there is one word. */
  readonly joined: readonly string[];
  /** Whether the words are characters of a script that puts no blanks between words. */
  readonly phrase: boolean;
}

/** Longer words are cut, in documents and queries alike. PostgreSQL refuses lexemes of more than 2,046 bytes. */
const MAX_WORD = 64;

const SYMBOLS = /[™®©℠]/gu;
const UNSPACED = String.raw`[\p{scx=Han}\p{scx=Hiragana}\p{scx=Katakana}\p{scx=Thai}\p{scx=Lao}\p{scx=Khmer}\p{scx=Myanmar}]`;
const UNSPACED_LETTER = String.raw`[${UNSPACED}&&[\p{L}\p{N}\p{M}]]`;
const LETTER = String.raw`[[\p{L}\p{N}\p{M}]--${UNSPACED}]`;
const JOINER = String.raw`[\-\u2010-\u2015\u2212_'\u2018\u2019\u02bc\u00b4\u0060]`;
const DOT = String.raw`(?<=\p{L})\.(?=\p{L})`;
const EMOJI = String.raw`\p{RI}\p{RI}|\p{Extended_Pictographic}`;
const TOKEN = new RegExp(
  `(?<unspaced>${UNSPACED_LETTER}+)|(?<emoji>${EMOJI})|${LETTER}+(?:(?:${JOINER}|${DOT})${LETTER}+)*`,
  "gv",
);
const WORD = new RegExp(`${LETTER}+`, "gv");

/** Splits a text into tokens. Documents and queries are split by this function only. */
export function tokensOf(text: string): readonly Token[] {
  return [...comparable(text.replace(SYMBOLS, " ")).matchAll(TOKEN)].map(({ 0: found, groups }) => {
    if (groups?.unspaced !== undefined) return { words: charactersOf(found), joined: [], phrase: true };
    if (groups?.emoji !== undefined) return { words: [wordOf(found)], joined: [], phrase: false };
    const parts = found.match(WORD) ?? [];
    return { words: parts.map(wordOf), joined: parts.length > 1 ? joinedOf(parts) : [], phrase: false };
  });
}

function charactersOf(run: string): readonly Word[] {
  return [...run].map(wordOf);
}

function joinedOf(parts: readonly string[]): readonly string[] {
  return wordOf(parts.join("")).spellings;
}

function wordOf(text: string): Word {
  const spellings = spellingsOf(lengthOf(text) > MAX_WORD ? [...text].slice(0, MAX_WORD).join("") : text);
  return { written: spellings[0] ?? "", spellings };
}

/** Returns an id or SKU in the form in which ids are compared: its letters and digits in lower case. */
export function codeOf(id: string): string {
  return tokensOf(id)
    .flatMap(({ words }) => words.map(({ written }) => written))
    .join("");
}
