import { table } from "../statistics.ts";
import { type Figure, total } from "./cost.ts";
import type { OrderCost } from "./measure.ts";

const NAMES: Readonly<Record<Exclude<Figure, "statementTexts">, string>> = {
  statements: "SQL statements",
  transactions: "explicit transactions",
  writes: "transactions that write",
  walKiB: "write-ahead log, KiB",
  grpcCalls: "gRPC calls",
  httpCalls: "HTTP calls of external systems",
  eventsPublished: "events published",
  eventsConsumed: "events consumed",
  cpuMs: "CPU, ms",
};

/** The figures of the table, in its order. */
export const figures = Object.keys(NAMES) as (keyof typeof NAMES)[];

/** Returns the table of what an order costs, with the parts of each figure; on request with each statement. */
export function costTable({ perOrder, idlePerSecond }: OrderCost, withStatements: boolean): string {
  const rows = figures.map((figure) => [NAMES[figure], total(perOrder[figure]), total(idlePerSecond[figure])]);
  const parts = [...figures, ...(withStatements ? (["statementTexts"] as const) : [])].map((figure) => {
    const entries = Object.entries(perOrder[figure]).sort(([, a], [, b]) => b - a);
    const shown = entries.filter(([, value]) => value >= 0.05).map(([name, value]) => [value.toFixed(2), name]);
    return `${figure === "statementTexts" ? "each statement" : NAMES[figure]}:\n${table([["", ""], ...shown])}`;
  });
  return [table([["", "per order", "idle, per second"], ...rows]), ...parts].join("\n\n");
}
