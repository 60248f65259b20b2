import type { Sql } from "@kontor/postgres";
import type { SagaFailure } from "../definition/definition.ts";
import type { DefinitionKey, Definitions } from "../definition/definitions.ts";
import { statement } from "../gen/statements.ts";
import type { SagaKey } from "./queue.ts";

/** A saga that stopped and waits for an operator. */
export interface ParkedSaga {
  /** Name of the definition. */
  readonly name: string;
  /** Version of the definition that it began with. */
  readonly version: number;
  /** The id that the saga began with. */
  readonly id: string;
  /** The step that cannot be run, or cannot be undone. */
  readonly step: string;
  /** Whether the step could not be run or could not be undone. */
  readonly action: "run" | "undo";
  /** The last error. */
  readonly error: string;
  /** Why it compensated; undefined if it went forward. */
  readonly failure: SagaFailure | undefined;
  /** When it parked. */
  readonly since: Date;
}

const LIST = statement(
  "saga.parked",
  `SELECT name, definition_version, id, step, resume_phase, last_error, failure, updated_at
     FROM sagas WHERE phase = 'parked' ORDER BY updated_at LIMIT 1000`,
  { prepared: false },
);

/** Lists the parked sagas, the longest parked first, at most 1,000. */
export async function listParked<S>(sql: Sql, definitions: Definitions<S>): Promise<ParkedSaga[]> {
  const rows = await sql.query(LIST);
  return rows.map((row) => ({
    name: row.name,
    version: row.definition_version,
    id: row.id,
    step: definitions.find(row)?.steps[row.step]?.name ?? String(row.step),
    action: row.resume_phase === "compensating" ? "undo" : "run",
    error: row.last_error ?? "",
    failure: row.failure ?? undefined,
    since: row.updated_at,
  }));
}

const END = statement(
  "saga.end-parked",
  `UPDATE sagas SET phase = 'compensated', resume_phase = NULL, version = version + 1, updated_at = now(),
       failure = coalesce(failure, $3::jsonb)
     WHERE name = $1 AND id = $2 AND phase = 'parked' RETURNING name, definition_version, step`,
  { prepared: false },
);

/** Ends a parked saga as compensated without undoing anything. Returns where it was parked, or undefined if it is not parked. */
export async function endParked(
  sql: Sql,
  { name, id }: SagaKey,
  failure: Omit<SagaFailure, "step">,
): Promise<(DefinitionKey & { readonly step: number }) | undefined> {
  const [row] = await sql.query(END, [name, id, JSON.stringify({ ...failure, step: "" })]);
  return row;
}

const UNPARK = statement(
  "saga.unpark",
  `UPDATE sagas SET phase = resume_phase, resume_phase = NULL, attempts = 0, wake_at = now(), wait_reason = NULL,
       updated_at = now()
     WHERE id = $1 AND phase = 'parked' AND name = coalesce($2, name) RETURNING name, id`,
  { prepared: false },
);

/** Continues parked sagas of this id, of one name or any, at their last step, and resets their attempts. Returns those it found. */
export async function unpark(sql: Sql, id: string, name?: string): Promise<SagaKey[]> {
  if (`${id}${name}`.includes("\0")) return []; // PostgreSQL refuses such texts, so no row has them.
  return sql.query(UNPARK, [id, name ?? null]);
}
