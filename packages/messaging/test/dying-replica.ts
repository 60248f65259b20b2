import { openDatabase } from "@kontor/postgres";
import { createMessaging } from "../src/index.ts";
import { listener, log, quick, shared, talker, topology } from "./shop.ts";

// A replica in a separate process, for failpoints and SIGKILL: arguments are the database and NATS.
const [url = "", servers = ""] = process.argv.slice(2);
const db = openDatabase({ url, service: "talk" });
const messaging = createMessaging({
  db,
  service: "talk",
  nats: { natsUrl: [servers], ...talker },
  topology,
  log,
  settings: { ...quick, ...(process.env.PARTITIONS && shared(Number(process.env.PARTITIONS))) },
});
const failing = process.env.FAILING_WORD;
const stopping = process.env.STOPPING_WORD;
messaging.consume(
  listener(async (word) => {
    if (word === failing) throw new Error("not now");
    if (word === stopping) process.kill(process.pid, "SIGSTOP");
  }),
);
await messaging.start();
