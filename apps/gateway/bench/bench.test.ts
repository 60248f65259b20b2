import { expect, it } from "vitest";
import { bench } from "./bench.ts";
import { asTable } from "./report.ts";

it("compares the gateway with a handler written by hand, with every sample", async () => {
  const load = { ms: 5_000, count: 20, connections: 2 };
  const rows = await bench({ rounds: 1, go: false, load, say: () => {} });
  expect(rows).toHaveLength(9);
  for (const { ratio, p50Ms } of rows) expect(Math.min(ratio.least, p50Ms)).toBeGreaterThan(0);
  expect(asTable(rows)).toMatch(/gateway, policy on +\d/);
}, 120_000);
