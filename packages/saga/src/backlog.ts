import type { Sql } from "@kontor/postgres";
import { inLine } from "./claims.ts";

/** The queue of one kind of saga: those that are due and that no engine has claimed. All engines of a database read the same. */
export interface Backlog {
  /** Sagas that are due and that no engine has claimed. */
  readonly waiting: number;
  /** Milliseconds since the saga that is due the longest came due; 0 if none waits. */
  readonly oldestMs: number;
  /** Sagas that ended per second, over the last five seconds. */
  readonly endedPerSecond: number;
}

/** The largest count. It suffices to tell that a queue is too long; counting further costs time. */
const MOST_COUNTED = 10_000;
const WINDOW_S = 5;

const BACKLOG = `
  SELECT count(*)::int AS waiting, coalesce(extract(epoch FROM now() - min(wake_at)), 0)::float8 * 1000 AS "oldestMs",
    (SELECT count(*)::float8 / ${WINDOW_S} FROM sagas
      WHERE phase IN ('completed', 'compensated') AND updated_at > now() - interval '${WINDOW_S} s' AND name = $1) AS "endedPerSecond"
  FROM (SELECT wake_at FROM sagas WHERE ${inLine} AND name = $1 ORDER BY wake_at LIMIT ${MOST_COUNTED}) line`;

/** Reads the queue of a saga by two partial indexes. */
export async function readBacklog(sql: Sql, name: string): Promise<Backlog> {
  const [row] = await sql.query<Backlog>(BACKLOG, [name], { name: "saga.backlog" });
  return row ?? { waiting: 0, oldestMs: 0, endedPerSecond: 0 };
}
