import { type DescField, ScalarType } from "@bufbuild/protobuf";
import { Format, type TextRules } from "@kontor/contracts/rules/v1/rules";
import { type FieldViolation, violation } from "@kontor/errors";
import { checkText, containsCardNumber, lengthOf, readText } from "@kontor/text";
import { ownRules } from "./declared.ts";
import { formatRule } from "./formats.ts";
import { wrongLength } from "./limits.ts";
import { RuleError } from "./rule-error.ts";

/** Returns the violation of a text, or false. */
export type TextCheck = (text: string) => FieldViolation | false;

/**
 * Returns the checks of a text, or of each text of a list or a map, by `kontor.rules`. With the rule `text`, the other rules apply to the
 * text that `readText` returns.
 *
 * @throws RuleError if the field holds no texts, or has a format that is not known
 */
export function textChecks(field: DescField, mayBeEmpty: boolean): readonly TextCheck[] {
  const rules = ownRules(field);
  if (rules === undefined) return [];
  const { text: textRules, format, noCardNumber } = rules;
  const checks: TextCheck[] = [];
  if (textRules) checks.push(textCheck(textRules));
  if (format !== Format.UNSPECIFIED) checks.push(formatCheck(format, field));
  if (noCardNumber) checks.push((text) => containsCardNumber(text) && violation("", "CARD_NUMBER"));
  if (checks.length > 0 && field.scalar !== ScalarType.STRING)
    throw new RuleError(
      `${field.parent.typeName}.${field.name} is no text: the rules text, format and no_card_number need one.`,
    );
  return checks.map((check) => (raw) => {
    const text = textRules ? readText(raw) : raw;
    return !(mayBeEmpty && text === "") && check(text);
  });
}

function textCheck({ minLength: min, maxLength: max, lines }: TextRules): TextCheck {
  const limits = { min: min > 0 ? min : undefined, max: max > 0 ? max : undefined };
  const rule = { max: Number.POSITIVE_INFINITY, lines };
  return (text) => {
    const length = lengthOf(text);
    if (length < min || length > (limits.max ?? length)) return wrongLength(limits);
    return checkText("", text, rule);
  };
}

function formatCheck(format: Format, field: DescField): TextCheck {
  const rule = formatRule(format);
  if (rule === undefined)
    throw new RuleError(`${field.parent.typeName}.${field.name}: the format ${format} is not known. Update Kontor.`);
  return (text) => !rule.holds(text) && rule.violation;
}
