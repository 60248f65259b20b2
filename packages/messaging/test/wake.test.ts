import { wakeUpSubject } from "@kontor/nats";
import { openDatabase } from "@kontor/postgres";
import { eventually } from "@kontor/testing";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { counted } from "./counted.ts";
import { count, openShop, type Shop } from "./shop.ts";

let shop: Shop;
beforeEach(async () => {
  shop = await openShop();
});
afterEach(() => shop.close());

/** Longer than the test, so that the poll causes nothing in it. */
const neverPolls = { pollMs: 600_000, lockRetryMs: 600_000, reconcileIntervalMs: 600_000 };

describe("a replica that does not poll", () => {
  it("publishes events that another process committed and announced", async () => {
    await shop.replica({ settings: neverPolls }).start();
    await shop.say("ann", "1");
    await eventually(async () => expect(await shop.words()).toEqual(["1"]));
    // The state after another process: a row that this one does not know.
    await shop.db.query(
      "INSERT INTO outbox (id, type, key, payload) SELECT gen_random_uuid(), type, key, payload FROM outbox",
    );
    shop.nc.publish(wakeUpSubject("talk"), "outbox");
    await eventually(async () => expect(await shop.words()).toEqual(["1", "1"]));
  });

  it("announces its commits, once for those of a moment, unless it leads the relay itself", async () => {
    const announced: string[] = [];
    shop.nc.subscribe(wakeUpSubject("talk"), { callback: (_, message) => void announced.push(message.string()) });
    await shop.nc.flush();
    const leader = shop.replica({ settings: neverPolls });
    await leader.start();
    await shop.say("ann", "1");
    await eventually(async () => expect(await shop.words()).toEqual(["1"]));
    expect(announced.filter((what) => what === "outbox").length).toBeLessThanOrEqual(1);
    const standby = shop.replica({ settings: { ...neverPolls, relayGapMs: 600_000 } });
    await standby.start();
    await eventually(() => expect(standby.connected()).toBe(true));
    announced.length = 0;
    for (let n = 0; n < 50; n++) await shop.say("ann", "more");
    await eventually(() => expect(announced).toEqual(["outbox"]));
  });

  it("takes over at once when the leader stops", async () => {
    const leader = shop.replica({ settings: neverPolls });
    await leader.start();
    await shop.say("ann", "1");
    await eventually(async () => expect(await shop.words()).toEqual(["1"]));
    const db = openDatabase({ url: shop.url, service: "talk" });
    try {
      const attempts: string[] = [];
      const lock = (name: string) => {
        attempts.push(name);
        return db.lock(name);
      };
      const standby = shop.replica({ settings: neverPolls, db: { ...db, lock } });
      await standby.start();
      await eventually(() => expect(attempts).toHaveLength(2));
      await leader.stop();
      await shop.say("ann", "2");
      await eventually(async () => expect(await shop.words()).toEqual(["1", "2"]));
      await standby.stop();
    } finally {
      await db.close();
    }
  });

  it("runs no statement while nothing is due", async () => {
    const { db, counts } = counted(shop.db);
    const messaging = shop.replica({ db, settings: neverPolls });
    await messaging.start();
    await shop.say("ann", ...count(3));
    await eventually(async () => expect(await shop.words()).toEqual(count(3)));
    await eventually(async () =>
      expect(await shop.db.query("SELECT FROM outbox WHERE published_at IS NULL")).toEqual([]),
    );
    const before = { ...counts };
    for (let n = 0; n < 20; n++) await shop.nc.flush();
    await shop.db.query("SELECT pg_sleep(1)");
    expect(counts).toEqual(before);
  });
});
