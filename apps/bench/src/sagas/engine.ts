import { createSharedTransactions } from "@kontor/batch";
import { migrate, openDatabase } from "@kontor/postgres";
import { createSagaEngine, defineSaga, sagaTables } from "@kontor/saga";
import { createLogger } from "@kontor/telemetry";
import { contend } from "./contender.ts";

// Five empty steps on our engine: `node engine.ts <database url> <concurrency> <seconds> [with-next]`. With the last argument, steps are
// stored with the next where that is safe.
const [url = "", , , mode] = process.argv.slice(2);
const db = openDatabase({ url, service: "bench", max: 8 });
await migrate({ url, folders: [sagaTables], log: { info: () => undefined } });
const ended = new Map<string, () => void>();
const names = ["one", "two", "three", "four", "five"];
const saga = defineSaga<object, object>({
  name: `bench.${mode ?? "each"}`,
  pivot: "three",
  steps: names.map((name) => ({
    ...{ name, run: async () => {}, undo: async () => {} },
    storedWithNext: mode === "with-next" && (name === "one" || name === "three" || name === "four"),
  })),
  onCompleted: async (tx, _, id) => tx.afterCommit(() => ended.get(id)?.()),
});
const engine = createSagaEngine({
  ...{ db, log: createLogger({ service: "bench", level: "warn" }), sagas: [saga], services: {}, concurrency: 512 },
});
engine.start();
const share = createSharedTransactions(db, { name: "bench" });
await contend(async (id) => {
  const { promise, resolve } = Promise.withResolvers<void>();
  ended.set(id, resolve);
  await share((tx) => engine.begin(tx, saga.name, id, { n: 1 }));
  await promise;
  ended.delete(id);
});
await engine.stop();
await db.close();
