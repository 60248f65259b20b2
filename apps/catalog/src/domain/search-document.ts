import { codeOf, tokensOf, type Word } from "./search-words.ts";

/** The texts by which a product is found. */
export interface Searchable {
  readonly productId: string;
  readonly title: string;
  readonly description: string;
  readonly variants: readonly {
    readonly sku: string;
    readonly title: string;
    readonly optionValues: Readonly<Record<string, string>>;
  }[];
}

/** The place of a word: A in the title as it is written, B in the title, C in options, ids and variants, D in the description. */
type Field = "A" | "B" | "C" | "D";

/** A spelling at a place of a document. */
interface Lexeme {
  readonly text: string;
  readonly position: number;
  readonly field: Field;
}

/** The texts of a product as search stores them. */
export interface SearchDocument {
  readonly lexemes: readonly Lexeme[];
  /** The id and the SKUs in the form in which they are compared. */
  readonly codes: readonly string[];
  /** The title without accents, for titles that are only similar. */
  readonly plainTitle: string;
  /** How many words the title has. */
  readonly titleLength: number;
  /** The words that a misspelt word may mean. */
  readonly vocabulary: readonly string[];
}

const CORRECTABLE = /^\p{L}{4,32}$/u;

/** Makes the search document of a product. */
export function documentOf({ productId, title, description, variants }: Searchable): SearchDocument {
  const lexemes: Lexeme[] = [];
  const ids = [productId, ...variants.map(({ sku }) => sku)];
  const named = new Set(variants.flatMap((variant) => [variant.title, ...Object.values(variant.optionValues)]));
  named.delete(title);
  const titleWords = wordsOf(title);
  add(lexemes, title, "B");
  for (const text of [...named, ...ids]) add(lexemes, text, "C");
  add(lexemes, description, "D");
  const shown = [...titleWords, ...[...named].flatMap(wordsOf)];
  return {
    lexemes,
    codes: [...new Set(ids.map(codeOf))],
    plainTitle: titleWords.map(plain).join(" "),
    titleLength: titleWords.length,
    vocabulary: [...new Set(shown.map(plain))].filter((word) => CORRECTABLE.test(word)),
  };
}

/** The spelling without accents. */
export function plain({ written, spellings }: Word): string {
  return spellings[1] ?? written;
}

function wordsOf(text: string): readonly Word[] {
  return tokensOf(text).flatMap(({ words }) => words);
}

/** A gap between texts prevents that phrases match across two of them. */
function add(lexemes: Lexeme[], text: string, field: Field): void {
  let position = (lexemes.at(-1)?.position ?? 0) + 1;
  for (const { words, joined } of tokensOf(text)) {
    for (const spelling of joined) lexemes.push({ text: spelling, position: position + 1, field });
    for (const { written, spellings } of words) {
      position += 1;
      if (field === "B") lexemes.push({ text: written, position, field: "A" });
      for (const spelling of spellings) lexemes.push({ text: spelling, position, field });
    }
  }
}
