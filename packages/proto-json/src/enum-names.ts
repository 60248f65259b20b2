import type { DescEnum } from "@bufbuild/protobuf";

/** The names that the values of an enum have in JSON. */
export interface EnumNames {
  /** The name by number. The zero value has none if it means "unspecified". */
  readonly ofNumber: ReadonlyMap<number, string>;
  /** The number of that zero value, which JSON leaves out. */
  readonly unset: number | undefined;
  /** The number of a name in any case; undefined for an unknown one. */
  numberOf(name: string): number | undefined;
}

/**
 * Returns the short names of an enum: `placed` for `ORDER_STATUS_PLACED` of `OrderStatus`, `in_transit` for two words. In
 * requests the words may also be joined by hyphens (`in-transit`) or written together (`inTransit`).
 */
export function shortNames(desc: DescEnum): EnumNames {
  const prefix = desc.sharedPrefix ?? "";
  const shortOf = (name: string) => name.slice(prefix.length).toLowerCase();
  const first = desc.values.find(({ number }) => number === 0);
  const unset = first?.name.endsWith("_UNSPECIFIED") ? first.number : undefined;
  const named = desc.values.filter(({ number }) => number !== unset);
  const ofNumber = new Map(named.toReversed().map(({ name, number }) => [number, shortOf(name)]));
  const numbers = new Map<string, number>();
  for (const { name, number } of desc.values) {
    const short = shortOf(name);
    const spellings = [name.toLowerCase(), short, short.replaceAll("_", "-"), short.replaceAll("_", "")];
    for (const spelling of spellings) if (!numbers.has(spelling)) numbers.set(spelling, number);
  }
  return { ofNumber, unset, numberOf: (name) => numbers.get(name.toLowerCase()) };
}
