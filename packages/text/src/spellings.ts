/** Letters that no Unicode decomposition takes apart. */
const LETTERS: Readonly<Record<string, string>> = {
  ...{ ß: "ss", æ: "ae", œ: "oe", ø: "o", ł: "l", đ: "d", ð: "d", þ: "th", ı: "i", ħ: "h", ŧ: "t", ŋ: "n", ĸ: "k" },
  ς: "σ",
};
/** How people write letters that their keyboard lacks, if that differs from the letter without its marks. */
const REPLACEMENTS: Readonly<Record<string, string>> = { ä: "ae", ö: "oe", ü: "ue", å: "aa", ø: "oe" };
const IGNORED = /[\p{Cf}\p{Default_Ignorable_Code_Point}]/gu;
/** Marks that are part of a letter in other scripts, such as Devanagari or Japanese, remain. */
const MARKS = /(?<=[\p{scx=Latin}\p{scx=Greek}\p{scx=Cyrillic}\p{scx=Arabic}\p{scx=Hebrew}])\p{M}+/gu;

/**
 * Returns a text in the form in which texts are compared: NFKC, lower case, without invisible characters.
 *
 * ```ts
 * comparable("ＡＢＣ"); // "abc"
 * ```
 */
export function comparable(text: string): string {
  return text.normalize("NFKC").replace(IGNORED, "").toLowerCase().normalize("NFKC");
}

/**
 * Returns the spellings under which a word is found, without repetition: as it is written, without accents and other marks
 * (`muller`), and with two letters for an umlaut (`mueller`). Two words are spelt alike if they have a spelling in common.
 *
 * ```ts
 * spellingsOf("müller"); // "müller", "muller" and "mueller"
 * ```
 */
export function spellingsOf(word: string): readonly string[] {
  const written = comparable(word);
  const replaced = written.replace(/[äöüåø]/gu, (letter) => REPLACEMENTS[letter] ?? letter);
  return [...new Set([written, withoutMarks(written), withoutMarks(replaced)])];
}

function withoutMarks(text: string): string {
  const plain = text.replace(/[ßæœøłđðþıħŧŋĸς]/gu, (letter) => LETTERS[letter] ?? letter);
  return plain.normalize("NFD").replace(MARKS, "").normalize("NFC");
}
