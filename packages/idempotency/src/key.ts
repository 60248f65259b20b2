import { createHash } from "node:crypto";
import { type FieldViolation, violation } from "@kontor/errors";
import { containsCardNumber, isIdempotencyKey } from "@kontor/text";

/**
 * Returns the violation of an idempotency key or a reference, or false. A key has 1 to 255 printable ASCII characters and
 * no space at either end. It must not contain a card number, because keys are stored and forwarded.
 *
 * ```ts
 * keyViolation("4f1c-77", "idempotencyKey"); // false
 * keyViolation("", "idempotencyKey"); // a violation of the field
 * ```
 */
export function keyViolation(key: string, field: string): FieldViolation | false {
  if (!isIdempotencyKey(key)) return violation(field, "WRONG_KEY");
  return containsCardNumber(key) && violation(field, "CARD_NUMBER");
}

/**
 * Returns the SHA-256 of a request without its key. Properties count in the order they are written;
 * `bigint` and `number` count as the same decimal string. The hash is therefore stable across processes and versions.
 *
 * ```ts
 * requestHash({ items: [{ sku: "P-101", quantity: 2 }] }); // 32 bytes, the same in every process
 * ```
 */
export function requestHash(request: unknown): Buffer {
  const isNumber = (value: unknown) => typeof value === "bigint" || typeof value === "number";
  const json = JSON.stringify(request, (_, value) => (isNumber(value) ? String(value) : value));
  return createHash("sha256").update(json).digest();
}
