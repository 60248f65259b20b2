import { StringValueSchema } from "@bufbuild/protobuf/wkt";
import { createMessaging, defineConsumer, on } from "@kontor/messaging";
import { openDatabase } from "@kontor/postgres";
import { createLogger } from "@kontor/telemetry";
import { topology } from "./words.ts";

// One replica, in a separate process: arguments are the database, NATS, the number of partitions and the milliseconds of I/O per event.
const [url = "", natsUrl = "", partitions = "", ioMs = ""] = process.argv.slice(2);
const db = openDatabase({ url, service: "bench" });
const messaging = createMessaging({
  db,
  service: "bench",
  nats: { natsUrl: [natsUrl] },
  topology,
  log: createLogger({ service: "bench", level: "error" }),
  settings: { partitions: Number(partitions), pollMs: 50 }, // The events are committed by a process that announces nothing.
});
messaging.consume(
  defineConsumer({
    durable: "bench-words",
    stream: "words",
    handlers: [
      on(StringValueSchema, async (_, { tx }) => {
        await tx.query("SELECT pg_sleep($1::float8 / 1000)", [ioMs]);
      }),
    ],
  }),
);
process.once("SIGTERM", async () => {
  await messaging.stop();
  await db.close();
});
await messaging.start();
