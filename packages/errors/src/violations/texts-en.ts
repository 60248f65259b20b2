/** What a violation of each code says in English. The names in braces are the parameters of the code. */
export const en = {
  CARD_NUMBER: "Must not contain a card number.",
  CONTAINS_FIELD: "Must not contain the value of {field}.",
  CONTROL_CHARACTERS: "Must not contain control characters.",
  DIRECTION_CHARACTERS:
    "Must not contain characters that change the direction of text (U+202A to U+202E, U+2066 to U+206F).",
  DUPLICATE: "Must not occur twice.",
  KEY_REQUIRED: "An idempotency key is required, here or as the Idempotency-Key header.",
  LINE_BREAKS: "Must not contain control characters or line breaks.",
  MISMATCH: "Must be {expected}.",
  NOT_A_COUNTRY: "Must be an ISO 3166-1 country code such as DE; the United Kingdom is GB.",
  NOT_A_CURRENCY: "Must be an ISO 4217 currency code such as EUR.",
  NOT_A_LANGUAGE: "Must be a BCP 47 language tag such as de-AT.",
  NOT_A_TIME: "Must be an RFC 3339 time with a zone, such as 2026-11-30T10:00:00Z.",
  NOT_A_URL: "Must be an http or https address.",
  NOT_AN_EMAIL: "Must be an email address.",
  NOT_CHANGEABLE: "{path} cannot be changed.",
  NOT_FOUND: "{id} does not exist.",
  NOT_IN: "Must be one of: {values}.",
  NOT_JSON: "Must be JSON.",
  NO_LETTER: "Must contain a letter or a digit.",
  NOTHING_VISIBLE: "Must contain a visible character.",
  OUT_OF_RANGE: "Must be {min} to {max}.",
  REQUIRED: "Is required.",
  SUM_TOO_LARGE: "The sum must be at most {max} minor units.",
  TOO_COMMON: "Must not be easy to guess.",
  TOO_LARGE: "Must be at most {max}.",
  TOO_LONG: "Must be at most {max} characters.",
  TOO_MANY: "Must be at most {max} items.",
  TOO_SMALL: "Must be at least {min}.",
  WRONG_CHARACTERS: "Must be {min} to {max} of these characters: {allowed}.",
  WRONG_COUNT: "Must be {min} to {max} items.",
  WRONG_KEY: "Must be 1 to 255 printable ASCII characters without a space at either end.",
  WRONG_LENGTH: "Must be {min} to {max} characters.",
  WRONG_PAGE_TOKEN:
    "Must be the nextPageToken of the page before, with the same filters and order. Start at the first page.",
  WRONG_TYPE: "Must be of the type {expected}.",
  WRONG_FORMAT: "Must have the form {example}.",
  ZERO: "Must not be 0.",
} as const;

/** The texts of all codes in one language. A code that is missing does not compile. */
export type ViolationTexts = Readonly<Record<keyof typeof en, string>>;
