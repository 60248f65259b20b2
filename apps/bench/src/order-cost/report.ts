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

/** Parts of less than this many per order are left out. */
const SHOWN = 0.05;

/** Returns the table of an order's cost, with the parts of each figure; on request with each statement. */
export function costTable({ perOrder, idlePerSecond }: OrderCost, withStatements: boolean): string {
  const rows = figures.map((figure) => [NAMES[figure], total(perOrder[figure]), total(idlePerSecond[figure])]);
  const parts = [...figures, ...(withStatements ? (["statementTexts"] as const) : [])].map((figure) => {
    const entries = Object.entries(perOrder[figure]).sort(([, one], [, other]) => other - one);
    const lines = entries
      .filter(([, value]) => Math.abs(value) >= SHOWN)
      .map(([name, value]) => `${value.toFixed(2).padStart(8)}  ${name}`);
    return [`${figure === "statementTexts" ? "each statement" : NAMES[figure]}:`, ...lines].join("\n");
  });
  return [table([["", "per order", "idle, per second"], ...rows]), ...parts].join("\n\n");
}
