import type { Database, Row } from "@kontor/postgres";
import type { EventStore } from "./event-store.ts";
import { statement } from "./gen/statements.ts";
import type { Projection } from "./projection.ts";
import { lastPosition, replayAll } from "./replay.ts";
import { createShadow, enter } from "./shadow.ts";

/** How a projection differs from the fold of its events, by table. Rows are JSON, at most 20 a table. */
export interface ProjectionDifference {
  /** Name of the table. */
  readonly table: string;
  /** Rows the events demand and the table lacks. */
  readonly missing: readonly Row[];
  /** Rows of the table that no event explains. */
  readonly unexplained: readonly Row[];
}

const difference = statement.dynamic(
  "shadow.difference",
  (table: string, one: string, other: string) => {
    const rows = `SELECT * FROM "${one}"."${table}" EXCEPT ALL SELECT * FROM "${other}"."${table}"`;
    return { text: `SELECT to_jsonb(d) AS row FROM (${rows}) d LIMIT 20`, values: [] };
  },
  [["events", "public", "public"]],
  { columns: { row: 'import("@kontor/postgres").Row' } },
);

class Undo extends Error {}

/**
 * Folds all events again and compares the result with the tables, in one snapshot that is rolled back. An empty result means
 * equal.
 * Its transaction is open until the fold ends.
 *
 * ```ts
 * import { openDatabase } from "@kontor/postgres";
 * type Counted = { type: "counted"; by: number };
 * declare const store: EventStore<Counted>;
 * const totals = defineProjection<Counted>({ name: "totals", tables: ["totals"], apply: async () => {} });
 * const db = openDatabase({ url: "postgresql://orders@localhost/orders", service: "orders" });
 * const differences = await verifyProjection(db, store, totals);
 * if (differences.length > 0) await rebuildProjection({ db, store, projection: totals });
 * ```
 */
export async function verifyProjection<E>(
  db: Database,
  store: EventStore<E>,
  projection: Projection<E>,
): Promise<ProjectionDifference[]> {
  let differences: ProjectionDifference[] = [];
  const folding = db.transaction(
    async (tx) => {
      const shadow = await createShadow(tx, projection);
      await enter(tx, shadow);
      await replayAll(tx, { store, projection }, { after: 0n, upTo: await lastPosition(tx, store), batch: 500 });
      const rowsOnlyIn = async (table: string, one: string, other: string) =>
        (await tx.query(difference(table, one, other))).map(({ row }) => row);
      differences = [];
      for (const table of projection.tables) {
        const missing = await rowsOnlyIn(table, shadow.schema, shadow.live);
        const unexplained = await rowsOnlyIn(table, shadow.live, shadow.schema);
        if (missing.length + unexplained.length > 0) differences.push({ table, missing, unexplained });
      }
      throw new Undo();
    },
    { isolation: "repeatable read" },
  );
  await folding.catch((error: unknown) => {
    if (!(error instanceof Undo)) throw error;
  });
  return differences;
}
