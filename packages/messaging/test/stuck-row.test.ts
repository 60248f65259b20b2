import { eventually } from "@kontor/testing";
import { jetstreamManager } from "@nats-io/jetstream";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { openShop, type Shop } from "./shop.ts";

let shop: Shop;
beforeEach(async () => {
  shop = await openShop();
});
afterEach(() => shop.close());

const unsent = () => shop.db.query("SELECT key FROM outbox WHERE published_at IS NULL ORDER BY seq");

describe("an event that cannot be published", () => {
  it("because of its type suspends its key, and no other event", async () => {
    await shop.db.query(
      "INSERT INTO outbox (id, type, key, payload) VALUES (gen_random_uuid(), 'other.v1.Thing', 'ann', '')",
    );
    await shop.say("ann", "1");
    await shop.say("bob", "1", "2");
    await shop.replica().start();
    await eventually(async () => expect(await shop.words("bob")).toEqual(["1", "2"]));
    expect(await unsent()).toEqual([{ key: "ann" }, { key: "ann" }]);
    await shop.db.query("DELETE FROM outbox WHERE type = 'other.v1.Thing'");
    await eventually(async () => expect(await shop.words("ann")).toEqual(["1"]));
  });

  it("because the stream refuses its size suspends its key until the stream accepts it", async () => {
    await shop.replica().start();
    await shop.say("bob", "0");
    await eventually(async () => expect(await shop.words()).toEqual(["0"]));
    const { streams } = await jetstreamManager(shop.nc);
    await streams.update("words", { max_msg_size: 1_000 });
    const long = "x".repeat(2_000);
    await shop.say("ann", "1", long, "3");
    await shop.say("bob", "1", "2");
    await eventually(async () => expect(await shop.words("bob")).toEqual(["0", "1", "2"]));
    await eventually(async () => expect(await shop.words("ann")).toEqual(["1"]));
    expect(await unsent()).toHaveLength(2);
    await streams.update("words", { max_msg_size: -1 });
    await eventually(async () => expect(await shop.words("ann")).toEqual(["1", long, "3"]));
  });
});
