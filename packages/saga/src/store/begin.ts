import { createJoin } from "@kontor/batch";
import type { Tx } from "@kontor/postgres";
import type { Saga } from "../definition/definition.ts";
import { statement } from "../gen/statements.ts";
import { type Claimant, definitionOfRow, inLine, type SagaRow } from "./queue.ts";
import { columns, ROW } from "./row.ts";

/** A new saga. */
export interface Begin<S = unknown> {
  readonly saga: Pick<Saga<S>, "name" | "deadlineMs" | "version" | "pivotIndex">;
  readonly id: string;
  readonly state: object;
  readonly traceparent: string | undefined;
  /** The engine that has a slot for the saga. */
  readonly holder: Claimant | undefined;
}

const BEGIN = statement(
  "saga.begin",
  `WITH wanted AS (
    SELECT * FROM unnest($1::text[], $2::text[], $3::text[], $4::float8[], $5::text[], $6::boolean[], $7::int[], $8::int[])
      AS t (name, id, state, deadline_ms, traceparent, has_slot, definition_version, pivot)
  ), holder AS (
    SELECT $9::uuid AS owner, now() + $10::float8 * interval '1 ms' AS lease_until
    WHERE $9::uuid IS NOT NULL AND NOT EXISTS (SELECT FROM sagas WHERE ${inLine} AND ${definitionOfRow} = ANY ($11::text[]))
  )
  INSERT INTO sagas AS s (name, id, state, deadline_at, traceparent, version, owner, lease_until, wake_at, definition_version, pivot)
  SELECT name, id, state::jsonb, now() + deadline_ms * interval '1 ms', traceparent, CASE WHEN owner IS NULL THEN 0 ELSE 1 END, owner,
    lease_until, coalesce(lease_until, now()), definition_version, pivot
  FROM wanted LEFT JOIN holder ON has_slot
  ORDER BY name, id
  ON CONFLICT (name, id) DO NOTHING
  RETURNING ${columns}`,
  { columns: ROW },
);

const join = createJoin(async (tx: Tx, begins: readonly Begin[]): Promise<(SagaRow | undefined)[]> => {
  const holder = begins.find((begin) => begin.holder !== undefined)?.holder;
  const rows = await tx.query(BEGIN, [
    begins.map(({ saga }) => saga.name),
    begins.map(({ id }) => id),
    begins.map(({ state }) => JSON.stringify(state)),
    begins.map(({ saga }) => saga.deadlineMs ?? null),
    begins.map(({ traceparent }) => traceparent ?? null),
    begins.map((begin) => begin.holder !== undefined && begin.holder === holder),
    begins.map(({ saga }) => saga.version),
    begins.map(({ saga }) => saga.pivotIndex),
    holder?.owner ?? null,
    holder?.leaseMs ?? null,
    holder?.definitions ?? [],
  ]);
  // Of two calls for one saga, the first begins it.
  const inserted = new Map(rows.map((row) => [`${row.name}\u0000${row.id}`, row]));
  return begins.map(({ saga, id }) => {
    const key = `${saga.name}\u0000${id}`;
    const row = inserted.get(key);
    inserted.delete(key);
    return row;
  });
});

/**
 * Inserts a saga of this definition, with the intent of its first step; claimed at once if an engine holds a slot and no other saga of
 * its definitions is in the queue. Resolves to undefined if it exists. Sagas that begin at the same time in a transaction share a statement.
 */
export function begin<S>(tx: Tx, saga: Begin<S>): Promise<SagaRow | undefined> {
  return join(tx, saga);
}
