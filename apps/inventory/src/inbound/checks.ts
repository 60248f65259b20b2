import { type FieldViolation, invalid, violation } from "@kontor/errors";
import { keyViolation } from "@kontor/idempotency";
import { checkText } from "@kontor/text";
import type { StockItem } from "../domain/reservation.ts";
import type { Booking } from "../domain/stock.ts";

/** A violation of a request, or false. */
export type Check = FieldViolation | false;

/** Throws INVALID_REQUEST with all violations. */
export function validate(...checks: readonly Check[]): void {
  const violations = checks.filter((check) => check !== false);
  if (violations.length > 0) throw invalid(violations, "inventory.kontor");
}

export function check(holds: boolean, otherwise: FieldViolation): Check {
  return !holds && otherwise;
}

export function checkSku(sku: string, field = "sku"): Check {
  return check(
    /^[\w-]{1,64}$/.test(sku),
    violation(field, "WRONG_CHARACTERS", { min: 1, max: 64, allowed: "A-Z a-z 0-9 - _" }),
  );
}

/** 1 to 100 SKUs. */
export function checkSkus(skus: readonly string[]): readonly Check[] {
  const counted = check(skus.length > 0 && skus.length <= 100, violation("skus", "WRONG_COUNT", { min: 1, max: 100 }));
  return [counted, ...skus.slice(0, 100).map((sku, index) => checkSku(sku, `skus[${index}]`))];
}

export function checkLocationId(id: string, field = "locationId"): Check {
  return check(
    /^[A-Z0-9-]{1,32}$/.test(id),
    violation(field, "WRONG_CHARACTERS", { min: 1, max: 32, allowed: "A-Z 0-9 -" }),
  );
}

export function checkOrderId(orderId: string): Check {
  return check(
    /^[\x21-\x7e]{1,64}$/.test(orderId),
    violation("orderId", "WRONG_CHARACTERS", { min: 1, max: 64, allowed: "ASCII" }),
  );
}

function checkReference(reference: string): Check {
  return keyViolation(reference, "reference");
}

/** The most units that one booking moves. */
const MOST_UNITS = 1_000_000;

/** Throws INVALID_REQUEST naming the fields that a new delivery may not have. */
export function checkDelivery({ sku, locationId, delta, reason, reference }: Booking): void {
  const range = { min: 1, max: MOST_UNITS };
  validate(
    checkSku(sku),
    checkLocationId(locationId),
    check(delta >= range.min && delta <= range.max, violation("quantity", "OUT_OF_RANGE", range)),
    checkText("reason", reason, { max: 200, lines: true }),
    checkReference(reference),
  );
}

/** Throws INVALID_REQUEST naming the fields that a new correction may not have. */
export function checkCorrection({ sku, locationId, delta, reason, reference }: Booking): void {
  validate(
    checkSku(sku),
    checkLocationId(locationId),
    check(delta !== 0, violation("delta", "ZERO")),
    check(Math.abs(delta) <= MOST_UNITS, violation("delta", "OUT_OF_RANGE", { min: -MOST_UNITS, max: MOST_UNITS })),
    checkText("reason", reason, { min: 1, max: 200, lines: true }),
    checkReference(reference),
  );
}

/** 1 to 100 items, each SKU once. */
export function checkItems(items: readonly StockItem[]): readonly Check[] {
  const repeated = (sku: string, index: number) => items.findIndex((item) => item.sku === sku) < index;
  return [
    check(items.length > 0 && items.length <= 100, violation("items", "WRONG_COUNT", { min: 1, max: 100 })),
    ...items
      .slice(0, 100)
      .flatMap(({ sku, quantity }, index) => [
        checkSku(sku, `items[${index}].sku`),
        check(
          quantity >= 1 && quantity <= 999,
          violation(`items[${index}].quantity`, "OUT_OF_RANGE", { min: 1, max: 999 }),
        ),
        check(!repeated(sku, index), violation(`items[${index}].sku`, "DUPLICATE")),
      ]),
  ];
}
