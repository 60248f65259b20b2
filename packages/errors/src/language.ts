/** The languages that texts for clients are written in, as BCP 47 tags. The first one is the default. */
export const LANGUAGES = ["en", "de"] as const;

/** A language of {@link LANGUAGES}. */
export type Language = (typeof LANGUAGES)[number];

/** A language other than English, which every error has a text in next to its message. */
export type Translation = Exclude<Language, "en">;

/** Returns whether texts exist in this language, such as `de`. */
export function isLanguage(tag: string): tag is Language {
  return LANGUAGES.some((language) => language === tag);
}
