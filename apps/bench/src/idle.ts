import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { readFlags, runCommand, wholeNumber } from "@kontor/config";
import { type Idle, idleTable } from "./idle-report.ts";
import { memoryOf } from "./processes-of.ts";
import { startShopIn } from "./shop-under-test.ts";

const help = `Measures the resources of a shop without requests: memory of its processes except PostgreSQL, and the time from the start until it is open.

  npm run bench:idle -- [--topology one] [--topology many] [--settle 30] [--json]

Fills a shop of its own for each topology, stops it, starts it again with its data, and measures --settle seconds after it is open.`;

const flags = {
  topology: { type: "string", multiple: true, default: ["one", "grouped", "many"] as string[] },
  settle: { type: "string", default: "30" },
  json: { type: "boolean", default: false },
} as const;

await runCommand(async () => {
  const values = readFlags(process.argv.slice(2), flags, help);
  if (values === undefined) return 0;
  const settleMs = wholeNumber("--settle", values.settle, 1, 3_600) * 1_000;
  const measured: Idle[] = [];
  for (const topology of values.topology) measured.push(await measure(topology, settleMs));
  console.log(values.json ? JSON.stringify(measured, null, 2) : idleTable(measured));
  return 0;
});

async function measure(topology: string, settleMs: number): Promise<Idle> {
  const dataDir = mkdtempSync(join(tmpdir(), "kontor-idle-"));
  const flags = ["--topology", topology];
  try {
    console.error(`filling a shop as ${topology} …`);
    await (await startShopIn(dataDir, flags)).stop();
    const began = performance.now();
    const shop = await startShopIn(dataDir, flags);
    try {
      const openMs = Math.round(performance.now() - began);
      await delay(settleMs);
      return { topology, openMs, ...memoryOf(shop.run.pids) };
    } finally {
      await shop.stop();
    }
  } finally {
    rmSync(dataDir, { recursive: true, force: true });
  }
}
