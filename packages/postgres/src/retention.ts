import { setTimeout as delay } from "node:timers/promises";
import { counter, type Logger } from "@kontor/telemetry";
import type { Sql } from "./sql.ts";

/** The retention of a table's rows. */
export type RetentionRule = PlainRule | HistoryRule;

interface Kept {
  /** Table whose rows are removed; also the label of the metric. */
  readonly table: string;
  /** Milliseconds a row is kept; 0 keeps rows forever. */
  readonly keepMs: number;
}

/** A table whose history the role that runs may not delete. */
interface HistoryRule extends Kept {
  /** A function `(keep interval, most integer)` of the database that removes expired rows with its owner's rights and returns how many. */
  readonly removedBy: string;
}

interface PlainRule extends Kept {
  /**
   * Returns the SQL condition of expired rows. `cutoff` is an SQL expression: the time before which rows expire, by the
   * database's clock. An index has to support the condition. Rows that others reference are excluded by the condition.
   */
  readonly expired: (cutoff: string) => string;
}

/** The result of one round of {@link prune}. */
export interface Pruned {
  /** Rows removed, by table. */
  readonly removed: Readonly<Record<string, number>>;
  /** False if expired rows are left for the next round, or if a table failed. */
  readonly finished: boolean;
}

/** The options of pruning: the database, the rules, and the interval. */
export interface RetentionOptions {
  /** The database of the service, as the role that runs it. */
  readonly db: Sql;
  /** Which rows expire when. */
  readonly rules: readonly RetentionRule[];
  /** Receives an event for each table that fails. */
  readonly log: Logger;
  /** Longest time between two rounds, in milliseconds; the time is jittered by half. Default 1 h. */
  readonly intervalMs?: number;
}

const BATCH_ROWS = 500;
const ROUND_MS = 60_000;
const HOUR_MS = 3_600_000;
/** Time until the first round of a process, and until the next one if rows were left. */
const SOON_MS = 30_000;

const removedRows = counter("kontor_retention_rows_total", "Rows removed because their retention ended.", ["table"]);
const failures = counter("kontor_retention_failures_total", "Attempts to remove expired rows that failed.", ["table"]);

/**
 * Removes expired rows, one batch of each table in turn, until none is left or `roundMs` (default 60 s) have passed. Each batch is a
 * separate statement. It locks at most 500 rows and skips locked rows, so replicas may run it at the same time. A table that fails is
 * logged and does not stop the others.
 */
export async function prune(
  { db, rules, log }: Pick<RetentionOptions, "db" | "rules" | "log">,
  { roundMs = ROUND_MS, signal }: { readonly roundMs?: number; readonly signal?: AbortSignal } = {},
): Promise<Pruned> {
  const end = performance.now() + roundMs;
  const removed: Record<string, number> = {};
  let failed = false;
  let open = rules.filter(({ keepMs }) => keepMs > 0);
  while (open.length > 0 && performance.now() < end && !signal?.aborted) {
    const unfinished: RetentionRule[] = [];
    for (const rule of open) {
      const started = performance.now();
      const count = await removeBatch(db, rule).catch((err: unknown) => {
        failed = true;
        failures.inc({ table: rule.table });
        log.warn({ err, table: rule.table }, "expired rows not removed");
        return 0;
      });
      removed[rule.table] = (removed[rule.table] ?? 0) + count;
      removedRows.inc({ table: rule.table }, count);
      if (count < BATCH_ROWS) continue;
      unfinished.push(rule);
      // Leaves half of the time to the service's own statements.
      await pause(performance.now() - started, signal);
    }
    open = unfinished;
  }
  return { removed, finished: open.length === 0 && !failed };
}

/**
 * Prunes from time to time. Replicas need no agreement: each row is removed once.
 *
 * ```ts
 * import { createLogger } from "@kontor/telemetry";
 * const db = openDatabase({ url: "postgresql://orders_run@localhost/orders", service: "orders" });
 * const rules: RetentionRule[] = [];
 * const retention = createRetention({ db, rules, log: createLogger({ service: "orders" }), intervalMs: 600_000 });
 * retention.start();
 * await retention.stop();
 * ```
 */
export function createRetention(options: RetentionOptions): { start(): void; stop(): Promise<void> } {
  const { log, intervalMs = HOUR_MS } = options;
  const stopping = new AbortController();
  let running: Promise<void> | undefined;

  async function run({ signal }: AbortController): Promise<void> {
    let wait = Math.min(SOON_MS, intervalMs);
    while (!signal.aborted) {
      await pause(wait * (0.5 + Math.random() / 2), signal);
      if (signal.aborted) return;
      const { removed, finished } = await prune(options, { signal });
      if (Object.values(removed).some((count) => count > 0)) log.info({ removed }, "expired rows removed");
      wait = finished ? intervalMs : Math.min(SOON_MS, intervalMs);
    }
  }

  return {
    start() {
      running ??= run(stopping);
    },
    async stop() {
      stopping.abort();
      await running;
    },
  };
}

async function removeBatch(db: Sql, rule: RetentionRule): Promise<number> {
  const { table, keepMs } = rule;
  if ("removedBy" in rule) {
    const call = `SELECT ${rule.removedBy}($1 * interval '1 ms', ${BATCH_ROWS}) AS removed`;
    const [result] = await db.query(call, [keepMs]);
    return Number(result?.removed ?? 0);
  }
  const condition = rule.expired("now() - $1 * interval '1 ms'");
  const batch = `SELECT ctid FROM ${table} WHERE ${condition} LIMIT ${BATCH_ROWS} FOR UPDATE SKIP LOCKED`;
  const rows = await db.query(`DELETE FROM ${table} WHERE ctid = ANY (ARRAY (${batch})) RETURNING 1`, [keepMs]);
  return rows.length;
}

async function pause(ms: number, signal: AbortSignal | undefined): Promise<void> {
  await delay(ms, undefined, signal && { signal }).catch(() => undefined);
}
