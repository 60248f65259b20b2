import type { DescField, DescMessage } from "@bufbuild/protobuf";
import { type Timestamp, TimestampSchema } from "@bufbuild/protobuf/wkt";
import { type Money, MoneySchema } from "@kontor/contracts/money/v1/money";
import { violation } from "@kontor/errors";
import { isCurrency } from "@kontor/money";
import { ownRules } from "./declared.ts";
import { outOfRange } from "./limits.ts";
import type { OwnCheck } from "./own-rules.ts";
import { RuleError } from "./rule-error.ts";

/** 0001-01-01T00:00:00Z and 10000-01-01T00:00:00Z in seconds since 1970. */
const [FIRST, END] = [-62_135_596_800n, 253_402_300_800n];
const NANOS = 1_000_000_000;

/**
 * Returns the check of an amount by `kontor.rules`.
 *
 * @throws RuleError if the field is no `kontor.money.v1.Money`
 */
export function amountCheck(field: DescField): OwnCheck | undefined {
  const rules = ownRules(field)?.amount;
  if (rules === undefined) return undefined;
  const { message } = field;
  const { currency, minor } = message?.field ?? {};
  if (message?.typeName !== MoneySchema.typeName || !currency || !minor)
    throw new RuleError(`${field.parent.typeName}.${field.name}: the rule amount needs a ${MoneySchema.typeName}.`);
  const { min, max } = rules;
  return ({ message: value }, path, { found }) => {
    const amount = value as Money;
    if (!isCurrency(amount.currency))
      found.push({ path: [...path, currency], violation: violation("", "NOT_A_CURRENCY") });
    if (amount.minor < (min ?? amount.minor) || amount.minor > (max ?? amount.minor))
      found.push({ path: [...path, minor], violation: outOfRange({ min, max }) });
  };
}

/** Returns whether this is the type of a point in time. */
export function isTime(type: DescMessage | undefined): boolean {
  return type?.typeName === TimestampSchema.typeName;
}

/** Returns the check that a time is in the years 0001 to 9999, as its type requires. Every time in a request is checked. */
export function timeCheck(type: DescMessage): OwnCheck | undefined {
  if (!isTime(type)) return undefined;
  return ({ message }, path, { found }) => {
    const { seconds, nanos } = message as Timestamp;
    const isValid = seconds >= FIRST && seconds < END && nanos >= 0 && nanos < NANOS;
    if (!isValid) found.push({ path, violation: violation("", "NOT_A_TIME") });
  };
}
