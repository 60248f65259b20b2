import type { Tx } from "@kontor/postgres";
import type { Recorded } from "./recorded.ts";

/** A read model: tables that are a fold of the events and nothing else. */
export interface Projection<Event> {
  /** Lower-case letters, digits and underscores. */
  readonly name: string;
  /** The tables it owns. They have no foreign keys, and no other code writes them. */
  readonly tables: readonly string[];
  /**
   * Applies events in the transaction that appends them, those of one append or of many. Receives the events of a stream in order, those of
   * different streams in any order: a row must depend on one stream only. Names its tables without a schema, takes times from the event and
   * never from the clock. Ignores types it does not know.
   */
  readonly apply: (tx: Tx, recorded: readonly Recorded<Event>[]) => Promise<unknown>;
}

/**
 * Defines a projection.
 *
 * ```ts
 * type OrderEvent = { type: "placed"; amount: number };
 * const totals = defineProjection<OrderEvent>({
 *   name: "totals",
 *   tables: ["totals"],
 *   apply: (tx, events) =>
 *     tx.query("INSERT INTO totals SELECT * FROM unnest($1::text[], $2::int[]) ON CONFLICT …", [
 *       events.map(({ streamId }) => streamId),
 *       events.map(({ event }) => event.amount),
 *     ]),
 * });
 * ```
 */
export function defineProjection<Event>(projection: Projection<Event>): Projection<Event> {
  const odd = [projection.name, ...projection.tables].find((name) => !/^[a-z][a-z0-9_]{0,40}$/.test(name));
  if (odd !== undefined) throw new Error(`"${odd}" cannot name a projection or its table.`);
  return projection;
}
