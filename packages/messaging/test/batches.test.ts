import { StringValueSchema } from "@bufbuild/protobuf/wkt";
import { createJoin } from "@kontor/batch";
import { openDatabase, type Tx } from "@kontor/postgres";
import { currentTraceId, runWithTrace } from "@kontor/telemetry";
import { eventually } from "@kontor/testing";
import { jetstreamManager } from "@nats-io/jetstream";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { defineConsumer, event, onBatch, onJoined, outbox, PermanentError } from "../src/index.ts";
import { counted } from "./counted.ts";
import { startLosingProxy } from "./losing-proxy.ts";
import { count, openShop, type Shop } from "./shop.ts";

let shop: Shop;
beforeEach(async () => {
  shop = await openShop();
});
afterEach(() => shop.close());

const speakers = count(64).map((n) => `speaker ${n.padStart(2, "0")}`);
const say64 = (wordOf = (_: number) => "word") =>
  shop.db.transaction((tx) =>
    outbox.append(
      tx,
      speakers.map((key, n) => event(StringValueSchema, { value: wordOf(n) }, { key })),
    ),
  );
const unsettled = async () => {
  const info = await (await jetstreamManager(shop.nc)).consumers.info("words", "talk-words");
  return info.num_ack_pending + info.num_pending;
};
const settled = () => eventually(async () => expect(await unsettled()).toBe(0), { timeoutMs: 20_000 });

/** A consumer that stores words by one statement for a batch. */
const together = (sizes: number[] = []) =>
  defineConsumer({
    durable: "talk-words",
    stream: "words",
    handlers: [
      onBatch(StringValueSchema, async (events, tx) => {
        sizes.push(events.length);
        await tx.query("INSERT INTO heard (word, key, id) SELECT * FROM unnest($1::text[], $2::text[], $3::uuid[])", [
          events.map(({ event }) => event.value),
          events.map(({ context }) => context.key),
          events.map(({ context }) => context.id),
        ]);
      }),
    ],
  });

describe("64 events of one transaction", () => {
  it("cost 2 statements of the relay, one publish with a response, and a few transactions of the consumer", async () => {
    await shop.replica({ consumes: false }).start();
    await shop.say("ann", "first"); // Makes the stream.
    await eventually(async () =>
      expect(await shop.db.query("SELECT FROM outbox WHERE published_at IS NOT NULL")).toHaveLength(1),
    );
    let [responses, acks] = [0, 0];
    shop.nc.subscribe("google.protobuf.>", {
      callback: (_, { reply }) => {
        if (reply) responses += 1;
      },
    });
    shop.nc.subscribe("$JS.ACK.>", {
      callback: () => {
        acks += 1;
      },
    });
    await shop.nc.flush();
    await say64();
    await eventually(async () =>
      expect(await shop.db.query("SELECT FROM outbox WHERE published_at IS NULL")).toEqual([]),
    );
    expect(responses).toBe(1);

    const { db, counts } = counted(shop.db);
    const sizes: number[] = [];
    const messaging = shop.replica({ db, definition: together(sizes), settings: { pollMs: 60_000 } });
    await messaging.start();
    await eventually(async () => expect(await shop.heard()).toHaveLength(65));
    await settled();
    await messaging.stop();
    expect(acks).toBe(65);
    expect(sizes.reduce((sum, size) => sum + size, 0)).toBe(65);
    // 65 messages, before: 65 transactions with 2 statements each.
    expect(counts.transactions).toBeLessThanOrEqual(6);
    expect(counts.statements).toBeLessThanOrEqual(2 * counts.transactions + 8);
  });

  it("keep the order of each key when they are handled together, and when some of them fail", async () => {
    const keys = count(4);
    await shop.db.transaction((tx) =>
      outbox.append(
        tx,
        count(16).flatMap((value) => keys.map((key) => event(StringValueSchema, { value }, { key }))),
      ),
    );
    let failures = 0;
    const listen = async (word: string) => {
      if (word === "7" && failures++ < 2) throw new Error("not now");
    };
    await shop.replica({ listen }).start();
    await eventually(async () => expect(await shop.heard()).toHaveLength(64), { timeoutMs: 20_000 });
    for (const key of keys) expect(await shop.words(key)).toEqual(count(16));
  });

  it("have their effects once although one message came twice, in one batch", async () => {
    await say64();
    await shop.replica({ consumes: false }).start();
    await eventually(async () =>
      expect(await shop.db.query("SELECT FROM outbox WHERE published_at IS NULL")).toEqual([]),
    );
    const { streams } = await jetstreamManager(shop.nc);
    const copy = await streams.getMessage("words", { seq: 3 });
    copy?.header.delete("Nats-Msg-Id");
    copy?.header.delete("Nats-Batch-Id");
    copy?.header.delete("Nats-Batch-Sequence");
    shop.nc.publish("google.protobuf.StringValue", copy?.data, copy?.header ? { headers: copy.header } : {});
    await shop.nc.flush();
    await shop.replica({ definition: together() }).start();
    await eventually(async () => expect(await shop.heard()).toHaveLength(64));
    await settled();
    expect(await shop.heard()).toHaveLength(64);
  });

  it("have their effects once although the response to COMMIT was lost", async () => {
    const proxy = await startLosingProxy(shop.url);
    const db = openDatabase({ url: proxy.url, service: "losing" });
    try {
      await say64();
      proxy.loseNextCommit();
      const messaging = shop.replica({ db });
      await messaging.start();
      await eventually(async () => expect(await shop.heard()).toHaveLength(64), { timeoutMs: 20_000 });
      await settled();
      expect(proxy.lost()).toBe(1);
      expect(new Set((await shop.heard()).map(({ id }) => id)).size).toBe(64);
      expect(await shop.heard()).toHaveLength(64);
      expect(await shop.db.query("SELECT FROM deferred_messages")).toEqual([]);
      await messaging.stop();
    } finally {
      await db.close();
      proxy.close();
    }
  });
});

describe("one poisonous message among 64", () => {
  it("is a dead letter alone when its handler refuses it, at the cost of two more transactions", async () => {
    await say64((n) => (n === 40 ? "poison" : "word"));
    await shop.replica({ consumes: false }).start();
    await eventually(async () =>
      expect(await shop.db.query("SELECT FROM outbox WHERE published_at IS NULL")).toEqual([]),
    );
    const { db, counts } = counted(shop.db);
    const listen = async (word: string) => {
      if (word === "poison") throw new PermanentError("cannot stand it");
    };
    const messaging = shop.replica({ db, listen, settings: { concurrency: 1, pollMs: 60_000 } });
    await messaging.start();
    await eventually(async () => expect(await shop.heard()).toHaveLength(63));
    await settled();
    expect((await messaging.deadLetters.list()).letters).toMatchObject([{ key: speakers[40], attempts: 1 }]);
    // The batch, the messages before the failing one, and the rest; the dead letter is one statement.
    expect(counts.transactions).toBeLessThanOrEqual(3 + 2);
  });

  it.each([
    ["22021", "\u0000"],
    ["22003", "99999999999"],
    ["23514", "-1"],
  ])("with SQLSTATE %s is found by halves when they are handled by one statement", async (_, poison) => {
    await shop.db.query("CREATE TABLE numbers (id uuid, key text, n int CHECK (n >= 0))");
    await say64((n) => (n === 40 ? poison : "1"));
    await shop.replica({ consumes: false }).start();
    await eventually(async () =>
      expect(await shop.db.query("SELECT FROM outbox WHERE published_at IS NULL")).toEqual([]),
    );
    const { db, counts } = counted(shop.db);
    const definition = defineConsumer({
      durable: "talk-words",
      stream: "words",
      handlers: [
        onBatch(StringValueSchema, async (events, tx) => {
          await tx.query(
            "INSERT INTO numbers SELECT id, key, n::int FROM unnest($1::uuid[], $2::text[], $3::text[]) AS e (id, key, n)",
            [
              events.map(({ context }) => context.id),
              events.map(({ context }) => context.key),
              events.map(({ event }) => event.value),
            ],
          );
        }),
      ],
    });
    const settings = { concurrency: 1, retryBaseMs: 60_000, retryCapMs: 60_000, pollMs: 60_000 };
    await shop.replica({ db, definition, settings }).start();
    await eventually(async () => expect(await shop.db.query("SELECT FROM numbers")).toHaveLength(63));
    await settled();
    const failed = await shop.db.query(
      "SELECT key FROM deferred_messages UNION ALL SELECT key FROM dead_letters WHERE resolved_at IS NULL",
    );
    expect(failed).toEqual([{ key: speakers[40] }]);
    expect(counts.transactions).toBeLessThanOrEqual(2 * Math.log2(64) + 4);
  });
});

describe("joined effects of a batch", () => {
  const insert = createJoin(async (tx: Tx, words: readonly (readonly [id: string, key: string, n: string])[]) => {
    await tx.query(
      "INSERT INTO numbers SELECT id, key, n::int FROM unnest($1::uuid[], $2::text[], $3::text[]) AS e (id, key, n)",
      [words.map(([id]) => id), words.map(([, key]) => key), words.map(([, , n]) => n)],
    );
    return words;
  });
  const numbers = () =>
    defineConsumer({
      durable: "talk-words",
      stream: "words",
      handlers: [
        onJoined(StringValueSchema, async ({ value }, { tx, id, key }) => void (await insert(tx, [id, key, value]))),
      ],
    });
  const handle64 = async (wordOf: (n: number) => string) => {
    await shop.db.query("CREATE TABLE numbers (id uuid, key text, n int CHECK (n >= 0))");
    await say64(wordOf);
    await shop.replica({ consumes: false }).start();
    await eventually(async () =>
      expect(await shop.db.query("SELECT FROM outbox WHERE published_at IS NULL")).toEqual([]),
    );
    const { db, counts } = counted(shop.db);
    const settings = { concurrency: 1, retryBaseMs: 60_000, retryCapMs: 60_000, pollMs: 60_000 };
    await shop.replica({ db, definition: numbers(), settings }).start();
    return counts;
  };

  it("share statements", async () => {
    const counts = await handle64(String);
    await eventually(async () => expect(await shop.db.query("SELECT FROM numbers")).toHaveLength(64));
    await settled();
    expect(counts.transactions).toBeLessThanOrEqual(6);
    expect(counts.statements).toBeLessThanOrEqual(2 * counts.transactions + 8);
  });

  it("leave one poisonous event alone, and the other 63 are handled", async () => {
    const counts = await handle64((n) => (n === 40 ? "-1" : "1"));
    await eventually(async () => expect(await shop.db.query("SELECT FROM numbers")).toHaveLength(63));
    await settled();
    expect(await shop.db.query("SELECT key FROM deferred_messages")).toEqual([{ key: speakers[40] }]);
    expect(counts.transactions).toBeLessThanOrEqual(2 * Math.log2(64) + 4);
  });
});

describe("events appended together", () => {
  it("have the traces in which they were made, and their handlers run in them", async () => {
    const traces = count(3).map((n) => n.repeat(32));
    const made = traces.map((trace, n) =>
      runWithTrace({ traceparent: `00-${trace}-b7ad6b7169203331-01` }, () =>
        event(StringValueSchema, { value: String(n) }, { key: String(n) }),
      ),
    );
    const handled = new Map<string, string | undefined>();
    await shop.replica({ listen: async (word) => void handled.set(word, currentTraceId()) }).start();
    await shop.db.transaction((tx) => outbox.append(tx, made));
    await eventually(() => expect(handled.size).toBe(3));
    expect([...handled].sort()).toEqual(traces.map((trace, n) => [String(n), trace]));
  });
});
