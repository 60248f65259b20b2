import { type FieldViolation, invalid } from "@kontor/errors";
import { keyViolation } from "@kontor/idempotency";
import { type TextRule, textViolation } from "@kontor/text";
import type { StockItem } from "../domain/reservation.ts";

/** What is wrong with a request, or false. */
export type Check = FieldViolation | false;

/** Throws INVALID_REQUEST with all that is wrong. */
export function demand(...checks: readonly Check[]): void {
  const violations = checks.filter((check) => check !== false);
  if (violations.length > 0) throw invalid(violations, "inventory.kontor");
}

export function check(holds: boolean, field: string, description: string): Check {
  return !holds && { field, description };
}

export function checkSku(sku: string, field = "sku"): Check {
  return check(/^[\w-]{1,64}$/.test(sku), field, "Must be 1 to 64 of A-Z a-z 0-9 - _.");
}

/** 1 to 100 SKUs. */
export function checkSkus(skus: readonly string[]): readonly Check[] {
  const counted = check(skus.length > 0 && skus.length <= 100, "skus", "Must be 1 to 100 SKUs.");
  return [counted, ...skus.slice(0, 100).map((sku, index) => checkSku(sku, `skus[${index}]`))];
}

export function checkLocationId(id: string, field = "locationId"): Check {
  return check(/^[A-Z0-9-]{1,32}$/.test(id), field, "Must be 1 to 32 of A-Z 0-9 -.");
}

export function checkOrderId(orderId: string): Check {
  return check(/^[\x21-\x7e]{1,64}$/.test(orderId), "orderId", "Must be 1 to 64 printable characters.");
}

export function checkReference(reference: string): Check {
  return keyViolation(reference, "reference");
}

export function checkText(text: string, field: string, rule: TextRule): Check {
  const description = textViolation(text, rule);
  return description !== undefined && { field, description };
}

/** 1 to 100 items, each SKU once. */
export function checkItems(items: readonly StockItem[]): readonly Check[] {
  const repeated = (sku: string, index: number) => items.findIndex((item) => item.sku === sku) < index;
  return [
    check(items.length > 0 && items.length <= 100, "items", "Must be 1 to 100 items."),
    ...items
      .slice(0, 100)
      .flatMap(({ sku, quantity }, index) => [
        checkSku(sku, `items[${index}].sku`),
        check(quantity >= 1 && quantity <= 999, `items[${index}].quantity`, "Must be 1 to 999."),
        check(!repeated(sku, index), `items[${index}].sku`, "Must not be named twice."),
      ]),
  ];
}
