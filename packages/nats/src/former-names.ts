import type { Topology } from "./topology.ts";

/** The first name of packages, before and after they were renamed. */
export interface Renaming {
  /** Such as `kontor`, for packages that were `kontor.orders.v1`. */
  readonly from: string;
  /** Such as `shop`, for packages that are `shop.orders.v1`. */
  readonly to: string;
}

/** A topology or a part of it, whose packages may have been renamed. */
export interface Renamed {
  readonly streams?: Topology["streams"];
  /** Default: they were not. */
  readonly formerly?: Renaming | undefined;
}

/**
 * Returns the name that a package, an event or a gRPC service had before it was renamed; undefined if it was not.
 *
 * ```ts
 * formerName({ formerly: { from: "kontor", to: "shop" } }, "shop.orders.v1.OrderPlaced"); // "kontor.orders.v1.OrderPlaced"
 * ```
 */
export function formerName({ formerly }: Renamed, name: string): string | undefined {
  return formerly && replaced(name, formerly.to, formerly.from);
}

/**
 * Returns the name that a package, an event or a gRPC service has now, by that name or the former one.
 *
 * ```ts
 * currentName({ formerly: { from: "kontor", to: "shop" } }, "kontor.orders.v1.OrderPlaced"); // "shop.orders.v1.OrderPlaced"
 * ```
 */
export function currentName({ formerly }: Renamed, name: string): string {
  return (formerly && replaced(name, formerly.from, formerly.to)) ?? name;
}

/** Returns the current name and the former one, if there is one. */
export function bothNames(renamed: Renamed, name: string): readonly string[] {
  const former = formerName(renamed, name);
  return former === undefined ? [name] : [name, former];
}

function replaced(name: string, from: string, to: string): string | undefined {
  return name.startsWith(`${from}.`) ? to + name.slice(from.length) : undefined;
}
