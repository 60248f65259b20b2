export { allocate } from "./allocate.ts";
export { add, compare, equals, isNegative, isZero, multiply, negate, subtract, sum } from "./arithmetic.ts";
export { currencyExponent, isCurrency } from "./currency.ts";
export { moneyErrors } from "./errors.ts";
export { formatMoney, toDecimal } from "./format.ts";
export { type Money, money, zero } from "./money.ts";
