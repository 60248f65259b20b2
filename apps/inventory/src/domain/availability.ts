/** How far a SKU can be ordered. `remaining` is set for low stock only. */
export interface Availability {
  readonly sku: string;
  readonly status: "in-stock" | "low-stock" | "out-of-stock";
  readonly remaining?: number;
}

/** Returns the public form of `available` units. `lowStock` is the largest number that is public. */
export function availabilityOf(sku: string, available: number, lowStock: number): Availability {
  if (available <= 0) return { sku, status: "out-of-stock" };
  if (available > lowStock) return { sku, status: "in-stock" };
  return { sku, status: "low-stock", remaining: available };
}
