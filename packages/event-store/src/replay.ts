import type { Sql, Tx } from "@kontor/postgres";
import type { EventStore } from "./event-store.ts";
import type { Projection } from "./projection.ts";
import { recorded } from "./recorded.ts";
import { last as lastOf, readAll } from "./statements.ts";

/** Applies the events after one position up to another, up to `batch` of them. Returns the last position applied. */
export async function replay<E>(
  tx: Tx,
  { store, projection }: { readonly store: EventStore<E>; readonly projection: Projection<E> },
  { after, upTo, batch }: { readonly after: bigint; readonly upTo: bigint; readonly batch: number },
): Promise<{ readonly last: bigint; readonly count: number }> {
  const rows = await tx.query(readAll(store.table, [after, upTo, batch]));
  const events = rows.map((row) => recorded(row, store.codec));
  if (events.length > 0) await projection.apply(tx, events);
  return { last: rows.at(-1)?.position ?? upTo, count: rows.length };
}

/** Applies all events after one position up to another in this transaction. Returns their number. */
export async function replayAll<E>(
  tx: Tx,
  source: { readonly store: EventStore<E>; readonly projection: Projection<E> },
  { after, upTo, batch }: { readonly after: bigint; readonly upTo: bigint; readonly batch: number },
): Promise<number> {
  let applied = 0;
  for (let position = after; position < upTo; ) {
    const { last, count } = await replay(tx, source, { after: position, upTo, batch });
    applied += count;
    position = last;
  }
  return applied;
}

/** Resolves to the highest position that this transaction reads, 0 if there is none. */
export async function lastPosition<E>(sql: Sql, store: EventStore<E>): Promise<bigint> {
  const [row] = await sql.query(lastOf(store.table));
  return row?.last ?? 0n;
}
