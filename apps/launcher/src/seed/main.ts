import { json } from "node:stream/consumers";
import { Refusal, runCommand } from "@kontor/config";
import { ShopError } from "../shop-client.ts";
import { type SeedTarget, seed } from "./seed.ts";

await runCommand(async () => {
  const [dataDir = ""] = process.argv.slice(2);
  try {
    await seed(dataDir, (await json(process.stdin)) as SeedTarget);
    return 0;
  } catch (error) {
    throw error instanceof ShopError ? new Refusal(error.message, { cause: error }) : error;
  }
});
