import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { readSeedData } from "./seed-data.ts";

const marker = (dataDir: string) => join(dataDir, "seeded");

/** Returns whether this version of the assortment was imported completely. */
export function isSeeded(dataDir: string): boolean {
  return existsSync(marker(dataDir)) && readFileSync(marker(dataDir), "utf8") === readSeedData().fingerprint;
}

/** Records that this version of the assortment was imported completely. */
export function markSeeded(dataDir: string): void {
  writeFileSync(marker(dataDir), readSeedData().fingerprint);
}
