import { parse } from "yaml";

/** A word that the text of the project avoids, and the word that it uses instead. */
export interface Term {
  /** A regular expression without delimiters. It matches whole words in any case. */
  readonly not: string;
  readonly use: string;
  /** A regular expression for the surroundings (40 characters on each side) in which the word is right. */
  readonly unless?: string;
  /** Whether identifiers and file names avoid the word too; `mayTurn` is read as "may turn". Default: false. */
  readonly names?: boolean;
  /** Whether only identifiers and file names avoid the word. Default: false. */
  readonly onlyNames?: boolean;
  /** Paths that still contain the word. A path is a prefix. */
  readonly pending?: readonly string[];
}

/** What a rule checks: the paths below `paths`, without those below `pending`. A path is a prefix. */
export interface Scope {
  readonly paths: readonly string[];
  readonly pending?: readonly string[];
}

/** What text avoids, and where sentences and comments of functions are checked. */
export interface Vocabulary {
  readonly terms: readonly Term[];
  readonly sentences: Scope & { readonly maxWords: number };
  readonly functionComments: Scope;
}

/** Parses a vocabulary file. Throws an error that names the term when a field is missing or an expression does not compile. */
export function parseVocabulary(yaml: string): Vocabulary {
  const vocabulary: Vocabulary = parse(yaml);
  for (const term of vocabulary.terms) {
    if (!term.not || !term.use) throw new Error(`The term ${JSON.stringify(term)} needs "not" and "use".`);
    expressionOf(term);
  }
  return vocabulary;
}

/** Returns the expression that finds a term: whole words, any case, all occurrences. */
export function expressionOf({ not }: Term): RegExp {
  return new RegExp(`(?<![\\w-])(?:${not.replaceAll(" ", "\\s+")})(?![\\w-])`, "gi");
}

/** Returns whether a path is inside of a scope. */
export function isInScope(path: string, { paths, pending = [] }: Scope): boolean {
  return startsWithAny(path, paths) && !startsWithAny(path, pending);
}

/** Returns whether a path starts with one of the prefixes. */
export function startsWithAny(path: string, prefixes: readonly string[]): boolean {
  return prefixes.some((prefix) => path.startsWith(prefix));
}
