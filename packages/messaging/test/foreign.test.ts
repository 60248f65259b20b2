import { toBinary } from "@bufbuild/protobuf";
import { type StringValue, StringValueSchema } from "@bufbuild/protobuf/wkt";
import { registry } from "@kontor/telemetry";
import { eventually } from "@kontor/testing";
import { jetstream } from "@nats-io/jetstream";
import { headers } from "@nats-io/transport-node";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { count, openShop, type Shop } from "./shop.ts";

const SUBJECT = "google.protobuf.StringValue";

let shop: Shop;
beforeEach(async () => {
  shop = await openShop();
});
afterEach(() => shop.close());

const foreignCount = async () =>
  Number(/^kontor_stream_foreign_messages_total\{stream="words"\} (\d+)$/m.exec(await registry.metrics())?.[1] ?? 0);

describe("a message of another client in the stream of a service", () => {
  it("is counted, and the relay continues after it, in order", async () => {
    const before = await foreignCount();
    await shop.replica().start();
    await shop.say("ann", "1");
    await eventually(async () => expect(await shop.words()).toEqual(["1"]));
    for (let n = 0; n < 3; n++) await jetstream(shop.nc).publish(SUBJECT, "foreign");
    await shop.say("ann", "2", "3");
    await eventually(async () => expect(await shop.words()).toEqual(["1", "2", "3"]));
    await eventually(async () => expect(await foreignCount()).toBe(before + 3));
  });

  it("is counted while the relay has nothing to publish", async () => {
    const before = await foreignCount();
    await shop.replica({ consumes: false, settings: { reconcileIntervalMs: 100 } }).start();
    await shop.say("ann", "1");
    await eventually(async () =>
      expect(await shop.db.query("SELECT FROM outbox WHERE published_at IS NOT NULL")).toHaveLength(1),
    );
    await jetstream(shop.nc).publish(SUBJECT, "foreign");
    await eventually(async () => expect(await foreignCount()).toBe(before + 1));
  });

  it("does not stop the relay however often it comes", async () => {
    await shop.replica().start();
    await shop.say("ann", "0");
    await eventually(async () => expect(await shop.words("ann")).toEqual(["0"]));
    let flooding = true;
    const flood = (async () => {
      while (flooding) await jetstream(shop.nc).publish(SUBJECT, "foreign");
    })();
    await shop.say("ann", ...count(200));
    await eventually(async () => expect(await shop.words("ann")).toEqual(["0", ...count(200)]), { timeoutMs: 20_000 });
    flooding = false;
    await flood;
  });

  it("is a dead letter if it names another publisher than the owner of the stream", async () => {
    const messaging = shop.replica();
    await messaging.start();
    await shop.say("ann", "1");
    await eventually(async () => expect(await shop.words()).toEqual(["1"]));
    const forged = headers();
    forged.set("ce-id", crypto.randomUUID());
    forged.set("ce-source", "/kontor/echo");
    const payload = toBinary(StringValueSchema, { $typeName: SUBJECT, value: "forged" } as StringValue);
    await jetstream(shop.nc).publish(SUBJECT, payload, { headers: forged });
    await eventually(async () => expect((await messaging.deadLetters.list()).letters).toHaveLength(1));
    const { letters } = await messaging.deadLetters.list();
    expect(letters[0]?.reason).toContain("comes from /kontor/echo; only talk publishes");
    expect(await shop.words()).toEqual(["1"]);
  });
});
