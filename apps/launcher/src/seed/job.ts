import { setTimeout as delay } from "node:timers/promises";
import { ClientError } from "@kontor/client";
import { fillShop, staffClient } from "./fill-shop.ts";
import { readSeedData } from "./seed-data.ts";

// Run by a Job of the chart: fills the shop at GATEWAY as STAFF_EMAIL. Retries while the shop starts: an import continues where it stopped.
const { GATEWAY = "", STAFF_EMAIL = "", STAFF_PASSWORD = "" } = process.env;
const startDeadline = Date.now() + 240_000;

const { data } = readSeedData();
await whenStarted(async () => {
  const staff = await staffClient(GATEWAY, { email: STAFF_EMAIL, password: STAFF_PASSWORD });
  await fillShop(staff, data, console.log);
});
console.log(`seed   ${data.products.length} products are there`);

async function whenStarted(fill: () => Promise<void>): Promise<void> {
  for (;;) {
    try {
      return await fill();
    } catch (error) {
      const starting = !(error instanceof ClientError) || [0, 502, 503, 504].includes(error.status);
      if (!starting || Date.now() > startDeadline) throw error;
      console.log(`seed   waiting for the shop: ${error instanceof Error ? error.message : error}`);
      await delay(1_000);
    }
  }
}
