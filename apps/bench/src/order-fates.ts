import { setTimeout as delay } from "node:timers/promises";
import pg from "pg";

/** The outcomes of the orders placed since a moment, by the orders database. Times in milliseconds. */
export type Fates = {
  readonly placed: number;
  /** Confirmed before the load ended. */
  readonly confirmedUnderLoad: number;
  readonly confirmed: number;
  readonly rejected: Readonly<Record<string, number>>;
  readonly unfinished: number;
  /** From placing to the end of the checkout, with any outcome. */
  readonly waits: readonly number[];
  /** From placing to the end of the first step. */
  readonly firstSteps: readonly number[];
};

type Row = {
  stage: string;
  reason: string;
  ended_after: number | null;
  under_load: boolean | null;
  first_step_after: number | null;
};

const FATES = `
  SELECT o.stage, o.reason, extract(epoch FROM e.recorded_at - o.placed_at)::float8 * 1000 AS ended_after,
    e.recorded_at <= to_timestamp($2::float8 / 1000) AS under_load,
    extract(epoch FROM f.at - o.placed_at)::float8 * 1000 AS first_step_after
  FROM orders o
  LEFT JOIN LATERAL (SELECT recorded_at FROM events WHERE stream_id = o.id AND type IN ('confirmed', 'rejected', 'cancelled')
    ORDER BY version LIMIT 1) e ON true
  LEFT JOIN LATERAL (SELECT min(at) AS at FROM saga_log WHERE name = 'orders.checkout.v1' AND id = o.id AND outcome = 'done') f ON true
  WHERE o.placed_at >= to_timestamp($1::float8 / 1000)`;
const UNFINISHED = `
  SELECT count(*)::int AS unfinished FROM orders WHERE stage = 'placed' AND placed_at >= to_timestamp($1::float8 / 1000)`;

/** Reads the fates of orders from the database behind `url`. */
export function orderFates(url: string) {
  const pool = new pg.Pool({ connectionString: url, max: 1 });
  return {
    /** Resolves when no order placed since is unfinished, or when `withinMs` are over; returns the milliseconds it took. */
    async drained(since: number, withinMs: number): Promise<number> {
      const began = performance.now();
      for (;;) {
        const { rows } = await pool.query(UNFINISHED, [since]);
        const waited = performance.now() - began;
        if (rows[0]?.unfinished === 0 || waited > withinMs) return waited;
        await delay(250);
      }
    },
    async since(began: number, loadEnded: number): Promise<Fates> {
      const rows: Row[] = (await pool.query(FATES, [began, loadEnded])).rows;
      const ended = rows.filter(({ stage }) => stage !== "placed");
      const confirmed = ended.filter(({ stage }) => stage !== "rejected" && stage !== "cancelled");
      return {
        placed: rows.length,
        confirmed: confirmed.length,
        confirmedUnderLoad: confirmed.filter(({ under_load }) => under_load === true).length,
        rejected: tally(ended.filter(({ stage }) => stage === "rejected").map(({ reason }) => reason)),
        unfinished: rows.length - ended.length,
        waits: ended.flatMap(({ ended_after }) => ended_after ?? []),
        firstSteps: rows.flatMap(({ first_step_after }) => first_step_after ?? []),
      };
    },
    close: () => pool.end(),
  };
}

function tally(names: readonly string[]): Record<string, number> {
  return Object.fromEntries(
    Map.groupBy(names, (name) => name)
      .entries()
      .map(([name, { length }]) => [name, length]),
  );
}
