import { createJoin } from "@kontor/batch";
import type { Sql, Tx } from "@kontor/postgres";
import type { Saga } from "../definition/definition.ts";
import type { SagaPhase } from "../definition/phases.ts";
import { sagaErrors } from "../errors.ts";
import { statement } from "../gen/statements.ts";
import type { SagaKey } from "./queue.ts";

/** Due now, unless an engine holds the saga: the holder reads the request when it stores. */
const makeDue = "wake_at = CASE WHEN lease_until > now() THEN wake_at ELSE now() END";

const ABORT = statement(
  "saga.abort",
  `UPDATE sagas SET abort_reason = coalesce(abort_reason, $3), ${makeDue}
     WHERE name = $1 AND id = $2 AND phase = 'running' AND step < coalesce(pivot, $4) RETURNING id`,
  { prepared: false },
);

const PHASE_BEFORE = statement(
  "saga.phase-before-parked",
  "SELECT coalesce(resume_phase, phase) AS phase FROM sagas WHERE name = $1 AND id = $2",
  { prepared: false, columns: { phase: "sagas.phase" } },
);

/**
 * Requests a saga's compensation. Returns false if it is past its pivot or completed. The row knows its pivot, independent of the
 * definitions of this release; older rows without it have the first version in `versions`.
 */
export async function abort<S>(
  sql: Sql,
  { name, id }: SagaKey,
  versions: readonly Saga<S>[],
  reason: string,
): Promise<boolean> {
  const first = versions.find(({ version }) => version === 1);
  const aborted = await sql.query(ABORT, [name, id, reason, first?.pivotIndex ?? 0]);
  if (aborted.length > 0) return true;
  const [row] = await sql.query(PHASE_BEFORE, [name, id]);
  if (row === undefined) throw sagaErrors.SAGA_NOT_FOUND({ saga: name, sagaId: id });
  return row.phase === "compensating" || row.phase === "compensated";
}

const PHASE = statement("saga.phase", "SELECT phase FROM sagas WHERE name = $1 AND id = $2");

/**
 * Returns the phase of a saga; undefined if it was never begun.
 *
 * ```ts
 * import { openDatabase } from "@kontor/postgres";
 * const db = openDatabase({ url: "postgresql://orders_run@localhost/orders", service: "orders" });
 * if ((await readPhase(db, "orders.checkout.v1", "o-1")) === "parked") console.log("An operator must decide.");
 * ```
 */
export async function readPhase(sql: Sql, name: string, id: string): Promise<SagaPhase | undefined> {
  const [row] = await sql.query(PHASE, [name, id]);
  return row?.phase;
}

/** Steps of versions of a saga. */
export type StepPlaces = readonly { readonly version: number; readonly step: number }[];

interface Wake {
  readonly key: SagaKey;
  readonly places: StepPlaces | undefined;
}

const WAKE = statement(
  "saga.wake",
  `WITH wanted AS (
    SELECT * FROM unnest($1::text[], $2::text[], $3::boolean[]) WITH ORDINALITY AS t (name, id, anywhere, place)
  ), places AS (
    SELECT * FROM unnest($4::int[], $5::int[], $6::int[]) AS t (place, version, step)
  ), held AS (
    SELECT s.name, s.id, w.place FROM sagas s JOIN wanted w USING (name, id)
    WHERE s.phase = 'running' AND (w.anywhere
      OR NOT EXISTS (SELECT FROM places p WHERE p.place = w.place AND p.version = s.definition_version)
      OR EXISTS (SELECT FROM places p WHERE p.place = w.place AND p.version = s.definition_version AND p.step = s.step))
    ORDER BY s.name, s.id FOR UPDATE OF s
  ), woken AS (
    UPDATE sagas s SET woken = true, ${makeDue}
    FROM (SELECT DISTINCT name, id FROM held) h WHERE s.name = h.name AND s.id = h.id
    RETURNING s.name, s.id
  )
  SELECT held.place::int FROM held JOIN woken USING (name, id)`,
  { columns: { place: "not null" } },
);

const join = createJoin(async (tx: Tx, wakes: readonly Wake[]): Promise<boolean[]> => {
  const places = wakes.flatMap((wake, index) => (wake.places ?? []).map((place) => ({ ...place, place: index + 1 })));
  const rows = await tx.query(WAKE, [
    wakes.map(({ key }) => key.name),
    wakes.map(({ key }) => key.id),
    wakes.map((wake) => wake.places === undefined),
    places.map(({ place }) => place),
    places.map(({ version }) => version),
    places.map(({ step }) => step),
  ]);
  const woken = new Set(rows.map(({ place }) => place));
  return wakes.map((_, index) => woken.has(index + 1));
});

/**
 * Ends a wait or a backoff; with `places`, only there. Resolves to false, and changes nothing, unless the saga is running. A saga of a
 * version that `places` lacks is woken at any step: an early wake costs one attempt. Wakes at the same time
 * in a transaction share a statement.
 */
export function wake(tx: Tx, key: SagaKey, places?: StepPlaces): Promise<boolean> {
  return join(tx, { key, places });
}
