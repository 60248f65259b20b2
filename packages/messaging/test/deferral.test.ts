import { spawn } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import { KontorError } from "@kontor/errors";
import { eventually } from "@kontor/testing";
import { jetstreamManager } from "@nats-io/jetstream";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { count, openShop, type Shop } from "./shop.ts";

let shop: Shop;
beforeEach(async () => {
  shop = await openShop();
});
afterEach(() => shop.close());

const internal = () => new KontorError({ code: "INTERNAL", reason: "BAD_RELEASE", domain: "test", message: "Oops." });
const unsettled = async () =>
  (await (await jetstreamManager(shop.nc)).consumers.info("words", "talk-words")).num_ack_pending;
const deferredRows = () => shop.db.query("SELECT FROM deferred_messages");

describe("a message whose handler fails", () => {
  it.each([
    ["an unexpected error", async () => Promise.reject(new TypeError("x is undefined"))],
    ["INTERNAL of a bad release", async () => Promise.reject(internal())],
  ])("with %s is retried beyond any number of attempts, and its key continues in order", async (_, fail) => {
    let healthy = false;
    let attempts = 0;
    const listen = async (word: string) => {
      if (word !== "poison" || healthy) return;
      attempts += 1;
      await fail();
    };
    const messaging = shop.replica({ listen, settings: { retryBaseMs: 5, retryCapMs: 20 } });
    await messaging.start();
    await shop.say("ann", "before", "poison", "after", "later");
    await shop.say("bob", ...count(10));
    await eventually(async () => expect(await shop.words("bob")).toEqual(count(10)));
    await eventually(() => expect(attempts).toBeGreaterThan(15));
    await eventually(async () => expect(await unsettled()).toBe(0));
    expect(await shop.words("ann")).toEqual(["before"]);
    expect((await messaging.deadLetters.list()).letters).toEqual([]);
    const waiting = await messaging.deferred.list({ key: "ann" });
    expect(waiting).toMatchObject([{ consumer: "talk-words" }, { attempts: 0, nextAttemptAt: null }, { attempts: 0 }]);

    healthy = true;
    await eventually(async () => expect(await shop.words("ann")).toEqual(["before", "poison", "after", "later"]));
    await eventually(async () => expect(await deferredRows()).toEqual([]));
    expect(await shop.db.query("SELECT FROM consumer_failures")).toEqual([]);
  });

  it("for a lock that another transaction holds succeeds when that ends, without a dead letter", async () => {
    await shop.db.query("CREATE TABLE orders (id text PRIMARY KEY)");
    await shop.db.query("INSERT INTO orders VALUES ('ann'), ('bob')");
    const locked = Promise.withResolvers<void>();
    const unlock = Promise.withResolvers<void>();
    const holding = shop.db.transaction(async (tx) => {
      await tx.query("SELECT FROM orders WHERE id = 'ann' FOR UPDATE");
      locked.resolve();
      await unlock.promise;
    });
    await locked.promise;
    let attempts = 0;
    const messaging = shop.replica({
      listen: async (_, { tx, key }) => {
        if (key === "ann") attempts += 1;
        await tx.query("SET LOCAL lock_timeout = '20ms'");
        await tx.query("SELECT FROM orders WHERE id = $1 FOR UPDATE", [key]);
      },
      settings: { retryBaseMs: 5, retryCapMs: 20 },
    });
    await messaging.start();
    await shop.say("ann", ...count(5));
    await shop.say("bob", ...count(5));
    await eventually(() => expect(attempts).toBeGreaterThan(12));
    await eventually(async () => expect(await shop.words("bob")).toEqual(count(5)));
    unlock.resolve();
    await holding;
    await eventually(async () => expect(await shop.words("ann")).toEqual(count(5)));
    expect((await messaging.deadLetters.list()).letters).toEqual([]);
  });

  it("delays no other key, for any number of failing keys", async () => {
    let healthy = false;
    const listen = async (_: string, { key }: { key: string }) => {
      if (key.startsWith("failing") && !healthy) throw new Error("not now");
    };
    await shop.replica({ listen, settings: { maxAckPending: 16 } }).start();
    const failing = count(100).map((n) => `failing ${n}`);
    for (const key of failing) await shop.say(key, "1", "2");
    await shop.say("ann", ...count(20));
    await eventually(async () => expect(await shop.words("ann")).toEqual(count(20)));
    await eventually(async () => expect(await unsettled()).toBe(0));
    expect(await deferredRows()).toHaveLength(200);

    healthy = true;
    await eventually(async () => expect(await deferredRows()).toEqual([]), { timeoutMs: 20_000 });
    for (const key of failing) expect(await shop.words(key)).toEqual(["1", "2"]);
  });

  it("has its effect once, in the order of its key, although a process died between deferral and ack", async () => {
    await shop.say("ann", ...count(20));
    const program = fileURLToPath(new URL("./dying-replica.ts", import.meta.url));
    const env = { ...process.env, KONTOR_FAILPOINT: "consumer.after-defer", FAILING_WORD: "5" };
    const child = spawn(process.execPath, [program, shop.url, shop.nats.url], { env, stdio: "inherit" });
    expect(await once(child, "exit")).toEqual([null, "SIGKILL"]);
    expect(await shop.words()).toEqual(count(4));
    expect((await deferredRows()).length).toBeGreaterThan(0);

    await shop.replica().start();
    await eventually(async () => expect(await shop.words()).toEqual(count(20)));
    await eventually(async () => expect(await deferredRows()).toEqual([]));
  });

  it("is known to replicas of the previous version, which defer later messages of its key", async () => {
    await shop.replica({ listen: async () => Promise.reject(new Error("not now")) }).start();
    await shop.say("ann", "1");
    await eventually(async () => expect(await deferredRows()).toHaveLength(1));
    expect(await shop.db.query("SELECT key, stream_seq FROM consumer_failures WHERE attempts > 0")).toEqual([
      { key: "ann", stream_seq: 1n },
    ]);
  });

  it("continues on the replica that takes over", async () => {
    let healthy = false;
    const listen = async (word: string) => {
      if (word === "poison" && !healthy) throw new Error("not now");
    };
    const first = shop.replica({ listen });
    await first.start();
    await shop.say("ann", "poison", "after");
    await eventually(async () => expect(await deferredRows()).toHaveLength(2));
    await first.stop();
    await shop.say("ann", "later");
    healthy = true;
    await shop.replica({ listen }).start();
    await eventually(async () => expect(await shop.words()).toEqual(["poison", "after", "later"]));
  });

  it("is a dead letter when an operator gives it up, and the next of its key continues", async () => {
    const listen = async (word: string) => {
      if (word === "poison") throw new Error("not now");
    };
    const messaging = shop.replica({ listen });
    await messaging.start();
    await shop.say("ann", "poison", "after");
    await eventually(async () => expect(await deferredRows()).toHaveLength(2));
    const [message] = await messaging.deferred.list({ failing: true });
    await messaging.deferred.giveUp("talk-words", message?.messageId ?? "", "the parcel is lost");
    await eventually(async () => expect(await shop.words()).toEqual(["after"]));
    const { letters } = await messaging.deadLetters.list();
    expect(letters).toMatchObject([{ key: "ann", reason: "given up: the parcel is lost" }]);
    await expect(messaging.deferred.giveUp("talk-words", message?.messageId ?? "", "x")).rejects.toMatchObject({
      reason: "DEFERRED_MESSAGE_NOT_FOUND",
    });
  });

  it("is retried at once on an operator's request", async () => {
    let healthy = false;
    const listen = async () => {
      if (!healthy) throw new Error("not now");
    };
    const messaging = shop.replica({ listen, settings: { retryBaseMs: 3_600_000, retryCapMs: 3_600_000 } });
    await messaging.start();
    await shop.say("ann", "1", "2");
    await eventually(async () => expect(await deferredRows()).toHaveLength(2));
    healthy = true;
    await messaging.deferred.retryNow("talk-words", "ann");
    await eventually(async () => expect(await shop.words()).toEqual(["1", "2"]));
  });

  it("is removed without a second effect if it was done although its failure was recorded", async () => {
    await shop.replica().start();
    await shop.say("ann", "done");
    await eventually(async () => expect(await shop.words()).toEqual(["done"]));
    await shop.db.query(
      `INSERT INTO deferred_messages (consumer, message_id, type, key, payload, headers, stream_seq, event_time, attempts, next_attempt_at)
       SELECT 'talk-words', id, type, 'ann', payload,
         jsonb_build_object('ce-id', id, 'ce-source', '/kontor/talk'), 1, now(), 1, now() FROM outbox`,
    );
    await shop.say("ann", "next");
    await eventually(async () => expect(await shop.words()).toEqual(["done", "next"]));
    await eventually(async () => expect(await deferredRows()).toEqual([]));
  });
});
