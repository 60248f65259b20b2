import { openDatabase } from "@kontor/postgres";
import { createLogger } from "@kontor/telemetry";
import { createSagaEngine } from "../src/index.ts";
import { remoteInDatabase } from "./remote-in-database.ts";
import { abcd } from "./sample-saga.ts";

// Runs the saga until a failpoint kills it: `node crashing-process.ts <database url> <saga id> <call that fails> <chained>`.
const [url = "", id = "", failing = "", chained = ""] = process.argv.slice(2);
const db = openDatabase({ url, service: "crashing-process" });
const log = createLogger({ service: "crashing-process", level: "silent" });
const engine = createSagaEngine({
  db,
  log,
  sagas: [abcd({ pivot: "d", chained: chained === "chained" })],
  services: remoteInDatabase(db, id, failing),
  leaseMarginMs: chained === "chained" ? 4_000 : 100, // Long enough that no step must be stored separately.
  stepTimeoutMs: 400,
});
engine.start();
await db.transaction((tx) => engine.begin(tx, "test.abcd.v1", id, {}));
