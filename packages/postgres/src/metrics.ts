import { counter, gauge, histogram } from "@kontor/telemetry";
import type { Pool } from "pg";

/** The names below are contracts with dashboards and alerts. */
export const transactionSeconds = histogram(
  "kontor_postgres_transaction_duration_seconds",
  "Duration of transactions from BEGIN to their end, each attempt separately.",
  ["service", "outcome"],
);

/** Attempts that lost against another transaction. */
export const transactionConflicts = counter(
  "kontor_postgres_transaction_conflicts_total",
  "Serialization failures and deadlocks.",
  ["service"],
);

/** Idle connections that failed. */
export const idleConnectionErrors = counter(
  "kontor_postgres_connection_errors_total",
  "Connections that broke outside a query.",
  ["service"],
);

/** Reads that may run at a replica. */
export const replicaReads = counter(
  "kontor_postgres_replica_reads_total",
  "Reads that may run at the replica, by the server that ran them: replica, or primary while the replica is behind or fails.",
  ["service", "server"],
);

const pools = new Map<Pool, string>();

gauge(
  "kontor_postgres_pool_connections",
  "Connections of the pool, and callers waiting for one.",
  ["service", "state"],
  (metric) => {
    metric.reset();
    for (const [pool, service] of pools) {
      metric.set({ service, state: "total" }, pool.totalCount);
      metric.set({ service, state: "idle" }, pool.idleCount);
      metric.set({ service, state: "waiting" }, pool.waitingCount);
    }
  },
);

/** Shows a pool in the gauge until the returned function is called. */
export function observePool(pool: Pool, service: string): () => void {
  pools.set(pool, service);
  return () => void pools.delete(pool);
}
