import { openDatabase } from "@kontor/postgres";
import { createIdempotency } from "../src/index.ts";

// A process that performs one request. KONTOR_FAILPOINT kills it between the claim and the work.
const [url = "", key = "", hash = "", deadlineMs = "0"] = process.argv.slice(2);
const db = openDatabase({ url, service: "claimant" });
const call = { deadline: new Date(Date.now() + Number(deadlineMs)), signal: new AbortController().signal };
const idempotency = createIdempotency(db, { graceMs: 0 });
await idempotency.once(
  { scope: "u", key, hash: Buffer.from(hash) },
  {
    call,
    perform: async (claim) => db.transaction((tx) => claim.settle(tx, "child")),
    replay: async () => undefined,
  },
);
await db.close();
