import { Format } from "@kontor/contracts/rules/v1/rules";
import { type FieldViolation, violation } from "@kontor/errors";
import { isCurrency } from "@kontor/money";
import { canonicalLanguage, isCountry, isIdempotencyKey, isWebAddress, parseMailAddress } from "@kontor/text";

/** Whether a text has a format, and the violation of one that has not. */
interface FormatRule {
  readonly holds: (text: string) => boolean;
  readonly violation: FieldViolation;
}

const formats: Readonly<Record<Exclude<Format, Format.UNSPECIFIED>, FormatRule>> = {
  [Format.COUNTRY]: { holds: isCountry, violation: violation("", "NOT_A_COUNTRY") },
  [Format.CURRENCY]: { holds: isCurrency, violation: violation("", "NOT_A_CURRENCY") },
  [Format.MAIL_ADDRESS]: {
    holds: (text) => parseMailAddress(text) !== undefined,
    violation: violation("", "NOT_AN_EMAIL"),
  },
  [Format.LANGUAGE]: {
    holds: (text) => canonicalLanguage(text) !== undefined,
    violation: violation("", "NOT_A_LANGUAGE"),
  },
  [Format.IDEMPOTENCY_KEY]: { holds: isIdempotencyKey, violation: violation("", "WRONG_KEY") },
  [Format.WEB_ADDRESS]: { holds: isWebAddress, violation: violation("", "NOT_A_URL") },
};

/** Returns the rule of a format; undefined for one that this version does not know. */
export function formatRule(format: Format): FormatRule | undefined {
  return (formats as Readonly<Record<number, FormatRule | undefined>>)[format];
}
