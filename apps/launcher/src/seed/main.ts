import { json } from "node:stream/consumers";
import { ClientError } from "@kontor/client";
import { Refusal, runCommand } from "@kontor/config";
import { type SeedTarget, seed } from "./seed.ts";

await runCommand(async () => {
  const [dataDir = ""] = process.argv.slice(2);
  try {
    await seed(dataDir, (await json(process.stdin)) as SeedTarget);
    return 0;
  } catch (error) {
    throw error instanceof ClientError ? new Refusal(error.message, { cause: error }) : error;
  }
});
