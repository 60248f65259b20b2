/** The languages of this package's own texts, as BCP 47 tags. The first one is the default. */
export const LANGUAGES = ["en", "de"] as const;

/** A language of {@link LANGUAGES}. */
export type Language = (typeof LANGUAGES)[number];
