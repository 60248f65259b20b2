import { DBOS } from "@dbos-inc/dbos-sdk";
import { contend } from "./contender.ts";

// Five empty steps on DBOS Transact: `node dbos.ts <database url> <concurrency> <seconds>`.
const [url = ""] = process.argv.slice(2);
DBOS.setConfig({ name: "bench", systemDatabaseUrl: url, logLevel: "error", runAdminServer: false });
const names = ["one", "two", "three", "four", "five"];
const saga = DBOS.registerWorkflow(
  async (_state: object) => {
    for (const name of names) await DBOS.runStep(async () => {}, { name });
  },
  { name: "bench" },
);
await DBOS.launch();
await contend(async (workflowID) => {
  const handle = await DBOS.startWorkflow(saga, { workflowID })({ n: 1 });
  await handle.getResult();
});
await DBOS.shutdown();
