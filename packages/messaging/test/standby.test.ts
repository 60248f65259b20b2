import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { openDatabase } from "@kontor/postgres";
import { eventually } from "@kontor/testing";
import { expect, it } from "vitest";
import { createMessaging } from "../src/index.ts";
import { listener, log, openShop, quick, talker, topology } from "./shop.ts";

const ATTEMPTS = 3_600;

it("keeps sessions, listeners and memory of a standby flat over an hour of attempts, one a second", async () => {
  const shop = await openShop();
  const db = openDatabase({ url: shop.url, service: "standby" });
  let attempts = 0;
  const lock = (name: string) => {
    attempts += 1;
    return db.lock(name);
  };
  const counted = { ...db, lock };
  const settings = { ...quick, lockRetryMs: 1 };
  const nats = { natsUrl: [shop.nats.url], ...talker };
  const standby = createMessaging({ db: counted, service: "talk", nats, topology, log, settings });
  standby.consume(listener());
  const sessions = () =>
    shop.db.query("SELECT pid, backend_start FROM pg_stat_activity WHERE application_name = 'standby' ORDER BY pid");
  try {
    await shop.replica().start();
    await shop.say("ann", "1");
    await eventually(async () => expect(await shop.words()).toEqual(["1"]));
    await standby.start();
    await eventually(() => expect(attempts).toBeGreaterThan(400));
    const [firstSessions, firstHeap] = [await sessions(), heapAfterCollection()];
    expect(firstSessions).toHaveLength(1);

    await eventually(() => expect(attempts).toBeGreaterThan(400 + ATTEMPTS), { timeoutMs: 60_000 });
    expect(await sessions()).toEqual(firstSessions);
    expect(heapAfterCollection() - firstHeap).toBeLessThan(ATTEMPTS * 400);
  } finally {
    await standby.stop();
    await db.close();
    await shop.close();
  }
}, 120_000);

function heapAfterCollection(): number {
  setFlagsFromString("--expose-gc");
  const collect = runInNewContext("gc") as () => void;
  collect();
  return process.memoryUsage().heapUsed;
}
