export { containsCardNumber } from "./card-number.ts";
export { isCountry } from "./country.ts";
export { ISOLATE, isolated, printable } from "./display.ts";
export { parseInstant } from "./instant.ts";
export { lengthOf } from "./length.ts";
export { type MailAddress, parseMailAddress } from "./mail-address.ts";
export { present } from "./present.ts";
export { comparable, spellingsOf } from "./spellings.ts";
export { checkText, readText, type TextRule } from "./text.ts";
