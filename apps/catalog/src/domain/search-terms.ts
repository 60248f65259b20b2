import { plain } from "./search-document.ts";
import { codeOf, type Token, tokensOf, type Word } from "./search-words.ts";

/** One thing that a product must have, or must not have, to be found. */
interface Term {
  /** The expression that matches it, in PostgreSQL's syntax of `tsquery`. After each colon, the fields may be inserted. */
  readonly query: string;
  /** The expression that matches it as written. */
  readonly written: string;
  /** Words whose stems match it too. */
  readonly stemmed: readonly string[];
  /** The word, if it may be misspelt; else empty. */
  readonly misspelt: string;
  /** How many letters of it may be wrong. */
  readonly edits: number;
  /** It with two neighbouring letters exchanged, which counts as one edit. */
  readonly swapped: readonly string[];
  readonly excluded: boolean;
  /** Whether a product may lack it: a common word next to others. */
  readonly optional: boolean;
}

/** A term of a search. */
export interface SearchTerms {
  readonly terms: readonly Term[];
  /** The whole, if it is an id or SKU. */
  readonly code: string;
  /** The whole without accents, for titles that are only similar. */
  readonly plain: string;
}

/** Words that do not distinguish products if there are others. */
const COMMON: ReadonlySet<string> = new Set(
  `a an and at by for from in is it of on or the to with
  als am an auf aus bei das dem den der des die ein eine einem einen einer eines fur fuer im in ist mit oder und von vom zu zum zur`.split(
    /\s+/,
  ),
);
const PARTS = /(?<excluded>(?<=^|\s)[-\u2212])?(?:["“„](?<phrase>[^"“”„]*)["”“]?|(?<words>[^\s"“”„]+))/gu;
const MAX_TERMS = 32;
const CORRECTABLE = /^\p{L}{4,32}$/u;

/**
 * Parses the text of a search: words, `"phrases"`, `-excluded` ones. The last word may be unfinished. Words of one token
 * such as `t-shirt` may also be written as one.
 */
export function searchTerms(typed: string): SearchTerms {
  const text = typed.trim();
  const parts = [...text.matchAll(PARTS)];
  const all = parts.flatMap(({ groups, index, 0: part }) => {
    const excluded = groups?.excluded !== undefined;
    if (groups?.phrase !== undefined) return phraseTerms(tokensOf(groups.phrase), excluded);
    const unfinished = !excluded && index + part.length === text.length && /[\p{L}\p{N}\p{M}]$/u.test(part);
    const tokens = tokensOf(groups?.words ?? "");
    return tokens.flatMap((token, place) => tokenTerms(token, excluded, unfinished && place === tokens.length - 1));
  });
  const terms = all.slice(0, MAX_TERMS);
  const telling = terms.some(({ excluded, optional }) => !excluded && !optional);
  return {
    terms: telling ? terms : terms.map((term) => ({ ...term, optional: false })),
    code: codeOf(text),
    plain: parts
      .filter(({ groups }) => groups?.excluded === undefined)
      .flatMap(({ groups }) => tokensOf(groups?.phrase ?? groups?.words ?? "").flatMap(({ words }) => words.map(plain)))
      .join(" "),
  };
}

function tokenTerms({ words, joined, phrase }: Token, excluded: boolean, unfinished: boolean): readonly Term[] {
  if (phrase) return phraseTerms([{ words, joined, phrase }], excluded);
  return words.map((word, index) => {
    const prefix = unfinished && index === words.length - 1;
    const alone = words.length === 1;
    const correctable = !excluded && CORRECTABLE.test(plain(word)) ? plain(word) : "";
    return {
      query: [...word.spellings, ...joined]
        .map((spelling) => lexeme(spelling, unfinished && (prefix || joined.includes(spelling))))
        .join(" | "),
      written: lexeme(word.written),
      stemmed: word.spellings,
      misspelt: correctable,
      edits: [...correctable].length < 8 ? 1 : 2,
      swapped: swapsOf(correctable),
      excluded,
      optional: alone && !excluded && COMMON.has(plain(word)),
    };
  });
}

/** Words in their order, as written. */
function phraseTerms(tokens: readonly Token[], excluded: boolean): readonly Term[] {
  const words: readonly Word[] = tokens.flatMap((token) => token.words);
  if (words.length === 0) return [];
  const query = words
    .map(({ spellings }) => `(${spellings.map((spelling) => lexeme(spelling)).join(" | ")})`)
    .join(" <-> ");
  const written = words.map((word) => lexeme(word.written)).join(" <-> ");
  return [{ query, written, stemmed: [], misspelt: "", edits: 0, swapped: [], excluded, optional: false }];
}

/** Spellings have letters, digits, marks and emoji only, so nothing needs an escape. */
function lexeme(spelling: string, prefix = false): string {
  return `'${spelling}':${prefix ? "*" : ""}`;
}

function swapsOf(word: string): readonly string[] {
  const letters = [...word];
  const swaps = letters.slice(1).map((letter, index) => {
    return [...letters.slice(0, index), letter, letters[index], ...letters.slice(index + 2)].join("");
  });
  return [...new Set(swaps)].filter((swap) => swap !== word);
}
