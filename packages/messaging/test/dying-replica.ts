import { openDatabase } from "@kontor/postgres";
import { createMessaging } from "../src/index.ts";
import { listener, log, quick, topology } from "./shop.ts";

// A replica in a process of its own, for failpoints and kills: arguments are the database and NATS.
const [url = "", servers = ""] = process.argv.slice(2);
const db = openDatabase({ url, service: "talk" });
const messaging = createMessaging({ db, service: "talk", servers, topology, log, settings: quick });
messaging.consume(listener());
await messaging.start();
