import { setTimeout as delay } from "node:timers/promises";
import { StringValueSchema } from "@bufbuild/protobuf/wkt";
import { KontorError } from "@kontor/errors";
import { prune } from "@kontor/postgres";
import { eventually, rowsOf } from "@kontor/testing";
import { jetstream, jetstreamManager } from "@nats-io/jetstream";
import { headers } from "@nats-io/transport-node";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { audit, deadLetters, event, messagingRetention, outbox, PermanentError } from "../src/index.ts";
import { count, log, openShop, type Shop } from "./shop.ts";

let shop: Shop;
beforeEach(async () => {
  shop = await openShop();
});
afterEach(() => shop.close());

describe("an event", () => {
  it("reaches the handler with its key, id and time", async () => {
    const seen: unknown[] = [];
    await shop
      .replica({ listen: async (word, { key, id, type, time }) => void seen.push({ word, key, id, type, time }) })
      .start();
    await shop.say("Änne / 1", "hello");
    await eventually(() => expect(seen).toHaveLength(1));
    const [row] = await shop.db.query("SELECT id, created_at FROM outbox");
    expect(seen).toEqual([
      { word: "hello", key: "Änne / 1", id: row?.id, type: "google.protobuf.StringValue", time: row?.created_at },
    ]);
  });

  it("is not published when its transaction rolls back", async () => {
    await shop.replica().start();
    await expect(
      shop.db.transaction(async (tx) => {
        await outbox.append(tx, [event(StringValueSchema, { value: "never" }, { key: "ann" })]);
        throw new Error("changed my mind");
      }),
    ).rejects.toThrow("changed my mind");
    await shop.say("ann", "really");
    await eventually(async () => expect(await shop.words()).toEqual(["really"]));
    expect(await audit(shop.db, shop.nc, "words")).toMatchObject({ missing: [], extra: [], inOutbox: 1, inStream: 1 });
  });

  it("takes effect once however often the stream has it", async () => {
    await shop.replica().start();
    await shop.say("ann", "once");
    await eventually(async () => expect(await shop.words()).toEqual(["once"]));
    const [row] = await rowsOf<{ id: string; payload: Buffer }>(shop.db, "SELECT id, payload FROM outbox");
    const again = headers();
    again.set("ce-id", row?.id ?? "");
    again.set("ce-partitionkey", "ann");
    again.set("ce-source", "/kontor/talk");
    for (let n = 0; n < 3; n++)
      await jetstream(shop.nc).publish("google.protobuf.StringValue", row?.payload, { headers: again });
    await shop.say("ann", "last");
    await eventually(async () => expect(await shop.words()).toEqual(["once", "last"]));
  });
});

describe("order", () => {
  it("is kept per key while writers and handlers run concurrently and some attempts fail", async () => {
    const keys = count(12).map((n) => `speaker ${n}`);
    const flaky = async () => {
      if (Math.random() < 0.05) throw new Error("bad luck");
    };
    await shop.replica({ listen: flaky, settings: { retryBaseMs: 10, retryCapMs: 20 } }).start();
    const speak = async (key: string) => {
      for (const word of count(25)) await shop.say(key, word);
    };
    await Promise.all(keys.map(speak));
    await eventually(async () => expect(await shop.heard()).toHaveLength(keys.length * 25), { timeoutMs: 25_000 });
    for (const key of keys) expect(await shop.words(key)).toEqual(count(25));
  });

  it("is kept when a transaction becomes visible after a later number was published", async () => {
    await shop.replica({ consumes: false }).start();
    const gate = Promise.withResolvers<void>();
    const slow = shop.db.transaction(async (tx) => {
      await outbox.append(tx, [event(StringValueSchema, { value: "slow" }, { key: "ann" })]);
      await gate.promise;
    });
    await eventually(async () =>
      expect(await shop.db.query("SELECT FROM pg_stat_activity WHERE state = 'idle in transaction'")).not.toEqual([]),
    );
    await shop.say("bob", "fast");
    await eventually(async () =>
      expect(await shop.db.query("SELECT FROM outbox WHERE published_at IS NOT NULL")).toHaveLength(1),
    );
    gate.resolve();
    await slow;
    await eventually(async () =>
      expect(await shop.db.query("SELECT FROM outbox WHERE published_at IS NOT NULL")).toHaveLength(2),
    );
  });
});

describe("a poison message", () => {
  const poison = (error: () => Error) => async (word: string) => {
    if (word === "poison") throw error();
  };

  it("is a dead letter that is redriven once its cause is repaired", async () => {
    let repaired = false;
    const listen = async (word: string) => {
      if (word === "poison" && !repaired) throw new PermanentError("cannot stand it");
    };
    const messaging = shop.replica({ listen });
    await messaging.start();
    await shop.say("ann", "before", "poison", "after", "later");
    await eventually(async () => expect(await shop.words("ann")).toEqual(["before", "after", "later"]));
    const { letters } = await messaging.deadLetters.list();
    expect(letters).toMatchObject([{ consumer: "talk-words", key: "ann", attempts: 1, reason: "cannot stand it" }]);

    repaired = true;
    const id = letters[0]?.id ?? "";
    expect(await messaging.deadLetters.redrive(id)).toMatchObject({ resolution: "redriven" });
    expect(await shop.words("ann")).toEqual(["before", "after", "later", "poison"]);
    await expect(messaging.deadLetters.redrive(id)).rejects.toMatchObject({ reason: "DEAD_LETTER_RESOLVED" });
    expect(await messaging.deadLetters.list()).toEqual({ letters: [] });
  });

  it("is a dead letter at once if the error is permanent, and can be discarded", async () => {
    const refused = () =>
      new KontorError({ code: "FAILED_PRECONDITION", reason: "NO", domain: "test", message: "No." });
    const messaging = shop.replica({ listen: poison(refused) });
    await messaging.start();
    await shop.say("ann", "poison", "after");
    await eventually(async () => expect(await shop.words()).toEqual(["after"]));
    const { letters } = await messaging.deadLetters.list({ consumer: "talk-words" });
    expect(letters).toMatchObject([{ attempts: 1, reason: "NO: No." }]);
    const id = letters[0]?.id ?? "";

    await expect(messaging.deadLetters.redrive(id)).rejects.toMatchObject({ reason: "NO" });
    expect(await messaging.deadLetters.get(id)).toMatchObject({ attempts: 2, resolvedAt: null });
    expect(await messaging.deadLetters.discard(id, "spam")).toMatchObject({ resolution: "discarded: spam" });
    await expect(messaging.deadLetters.discard(id, "spam")).rejects.toMatchObject({ reason: "DEAD_LETTER_RESOLVED" });
    await expect(messaging.deadLetters.get(crypto.randomUUID())).rejects.toMatchObject({
      reason: "DEAD_LETTER_NOT_FOUND",
    });
  });

  it("is handled by its consumer again when an operator retries it, and a dead letter again if it fails permanently", async () => {
    let healthy = false;
    const listen = async (word: string) => {
      if (word === "poison" && !healthy) throw new PermanentError("no");
    };
    await shop.replica({ listen }).start();
    await shop.say("ann", "poison", "after");
    const letters = deadLetters(shop.db); // As a command has them, outside of the process that consumes.
    const open = async () => (await letters.list({ key: "ann" })).letters;
    await eventually(async () => expect(await open()).toHaveLength(1));
    const [first] = await open();
    await letters.retry(first?.id ?? "");
    await eventually(async () => expect(await open()).toMatchObject([{ messageId: first?.messageId, attempts: 2 }]));
    const [second] = await open();
    expect(second?.id).not.toBe(first?.id);

    healthy = true;
    await letters.retry(second?.id ?? "");
    await eventually(async () => expect(await shop.words()).toEqual(["after", "poison"]));
    expect(await open()).toEqual([]);
    await expect(letters.retry(second?.id ?? "")).rejects.toMatchObject({ reason: "DEAD_LETTER_NOT_FOUND" });
  });

  it("is a dead letter if it cannot be decoded or no outbox wrote it", async () => {
    const messaging = shop.replica();
    await messaging.start();
    await shop.say("ann", "hello");
    await eventually(async () => expect(await shop.words()).toEqual(["hello"]));
    const id = crypto.randomUUID();
    const identified = headers();
    identified.set("ce-id", id);
    identified.set("ce-source", "/kontor/talk");
    await jetstream(shop.nc).publish("google.protobuf.StringValue", new Uint8Array([0x0a, 0xff]), {
      headers: identified,
    });
    await jetstream(shop.nc).publish("google.protobuf.StringValue", new Uint8Array());
    await eventually(async () => expect((await messaging.deadLetters.list()).letters).toHaveLength(2));
    const { letters } = await messaging.deadLetters.list();
    expect(letters.find((letter) => letter.messageId === id)?.reason).toContain("cannot be decoded");
    expect(letters.find((letter) => letter.messageId !== id)?.reason).toContain("no outbox wrote it");
  });
});

describe("a slow handler", () => {
  it("keeps its message although it takes longer than the server waits", async () => {
    const attempts: string[] = [];
    const listen = async (word: string) => {
      attempts.push(word);
      await delay(1_000);
    };
    await shop.replica({ listen, settings: { ackWaitMs: 300 } }).start();
    await shop.say("ann", "slow");
    await eventually(async () => expect(await shop.words()).toEqual(["slow"]));
    const { consumers } = await jetstreamManager(shop.nc);
    await eventually(async () =>
      expect(await consumers.info("words", "talk-words")).toMatchObject({ num_ack_pending: 0, num_redelivered: 0 }),
    );
    expect(attempts).toEqual(["slow"]);
  });

  it("is awaited when the service stops, and the messages behind it remain in the stream", async () => {
    const gate = Promise.withResolvers<void>();
    const started = Promise.withResolvers<void>();
    const listen = async () => {
      started.resolve();
      await gate.promise;
    };
    const messaging = shop.replica({ listen });
    await messaging.start();
    await shop.say("ann", "first", "second");
    await started.promise;
    const stopped = messaging.stop();
    expect(messaging.ready()).toBe(false);
    gate.resolve();
    await stopped;
    expect(await shop.words()).toEqual(["first"]);
    await shop.replica().start();
    await eventually(async () => expect(await shop.words()).toEqual(["first", "second"]));
  });
});

describe("old rows", () => {
  const HOUR_MS = 3_600_000;
  const kept = { outboxRetentionMs: HOUR_MS, inboxRetentionMs: 2 * HOUR_MS, deadLetterRetentionMs: HOUR_MS };
  const rules = messagingRetention({ ...kept, streamMaxAgeMs: HOUR_MS / 2 });
  const round = async () => (await prune({ db: shop.db, rules, log })).removed;

  it("go when their retention is over, unsent events and open dead letters never", async () => {
    await shop.replica().start();
    await shop.say("ann", "old");
    await eventually(async () => expect(await shop.words()).toEqual(["old"]));
    expect(await round()).toEqual({ outbox: 0, inbox: 0, dead_letters: 0 });
    await shop.db.query(
      "UPDATE outbox SET created_at = created_at - interval '3 h', published_at = published_at - interval '3 h'",
    );
    await shop.db.query("UPDATE inbox SET processed_at = processed_at - interval '3 h'");
    await shop.db.query(
      "INSERT INTO outbox (id, type, key, payload, created_at) VALUES (gen_random_uuid(), 'other.Type', 'k', '', now() - interval '3 h')",
    );
    await shop.db.query(`
      INSERT INTO dead_letters (id, consumer, message_id, type, key, payload, headers, reason, attempts, failed_at, resolved_at)
      SELECT gen_random_uuid(), 'c', gen_random_uuid(), 'other.Type', 'k', '', '{}', 'r', 1, now() - interval '3 h', resolved
      FROM (VALUES (NULL), (now() - interval '3 h'), (now())) AS letters (resolved)`);
    expect(await round()).toEqual({ outbox: 1, inbox: 1, dead_letters: 1 });
  });

  it("cannot leave the inbox before the stream or the outbox can deliver the message again", () => {
    expect(() => messagingRetention({ ...kept, streamMaxAgeMs: HOUR_MS })).toThrow("INBOX_RETENTION");
    expect(messagingRetention({ ...kept, inboxRetentionMs: 0 })).toHaveLength(3);
  });
});

describe("a consumer", () => {
  it("is refused if the topology knows it differently", () => {
    const messaging = shop.replica({ consumes: false });
    expect(() => messaging.consume({ durable: "unknown", stream: "words", handlers: [] })).toThrow(
      /no consumer unknown/,
    );
    expect(() => messaging.consume({ durable: "echo-words", stream: "words", handlers: [] })).toThrow(
      /no consumer echo-words of talk/,
    );
    expect(() => messaging.consume({ durable: "talk-words", stream: "others", handlers: [] })).toThrow(/reads words/);
    expect(() => messaging.consume({ durable: "talk-words", stream: "words", handlers: [] })).toThrow(
      /disagree about google.protobuf.StringValue/,
    );
  });
});
