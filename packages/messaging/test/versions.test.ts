import { create } from "@bufbuild/protobuf";
import { StringValueSchema } from "@bufbuild/protobuf/wkt";
import { eventually } from "@kontor/testing";
import { jetstream } from "@nats-io/jetstream";
import { headers } from "@nats-io/transport-node";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { event, outbox } from "../src/index.ts";
import { openShop, type Release, type Shop } from "./shop.ts";
import { wordOfVersion } from "./versioned.ts";

let shop: Shop;
beforeEach(async () => {
  shop = await openShop();
});
afterEach(() => shop.close());

/** A later release, whose words of version 1 are raised. */
const later: Release = {
  schema: wordOfVersion(2),
  upcasters: { 1: ({ value }) => create(StringValueSchema, { value: `raised ${value}` }) },
};
const sayLater = (key: string, value: string) =>
  shop.db.transaction((tx) => outbox.append(tx, [event(later.schema, { value }, { key })]));
const quickly = { retryBaseMs: 5, retryCapMs: 20 };

describe("a message of a version that the release of the consumer does not have", () => {
  it("waits with later ones of its key, and is processed by a release that has the version", async () => {
    const older = shop.replica({ settings: quickly });
    await older.start();
    await shop.say("ann", "1");
    await sayLater("ann", "2");
    await shop.say("ann", "3");
    await shop.say("bob", "4");
    await eventually(async () => expect(await shop.words("bob")).toEqual(["4"]));
    await eventually(async () => {
      const [first, second] = await older.deferred.list({ key: "ann" });
      expect(first?.attempts).toBeGreaterThan(3);
      expect(first?.lastError).toContain("google.protobuf.StringValue in version 2");
      expect(second).toMatchObject({ attempts: 0 });
    });
    expect(await shop.words("ann")).toEqual(["1"]);
    expect((await older.deadLetters.list()).letters).toEqual([]);
    await older.stop();

    await shop.replica({ settings: quickly, release: later }).start();
    await eventually(async () => expect(await shop.words("ann")).toEqual(["1", "2", "raised 3"]));
    expect(await shop.db.query("SELECT FROM deferred_messages")).toEqual([]);
  });

  it("has its version in the outbox, from which the relay publishes it", async () => {
    await sayLater("ann", "1");
    const [row] = await shop.db.query("SELECT headers ->> 'ce-schemaversion' AS version FROM outbox");
    expect(row).toEqual({ version: "2" });
    await shop.replica({ release: later }).start();
    await eventually(async () => expect(await shop.words()).toEqual(["1"]));
  });
});

it("a message whose version is no number is a dead letter", async () => {
  const messaging = shop.replica();
  await messaging.start();
  await shop.say("ann", "1");
  await eventually(async () => expect(await shop.words()).toEqual(["1"]));
  const forged = headers();
  const id = "0190b0a0-0000-7000-8000-000000000001";
  for (const [name, value] of [
    ["ce-id", id],
    ["ce-source", "/kontor/talk"],
    ["ce-schemaversion", "1e9"],
  ] as const)
    forged.set(name, value);
  await jetstream(shop.nc).publish("google.protobuf.StringValue", "", { headers: forged });
  await eventually(async () => {
    const { letters } = await messaging.deadLetters.list();
    expect(letters).toMatchObject([{ messageId: id, reason: expect.stringContaining('ce-schemaversion is "1e9"') }]);
  });
});
