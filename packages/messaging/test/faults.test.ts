import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import { eventually } from "@kontor/testing";
import { jetstreamManager } from "@nats-io/jetstream";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { audit, republishAll } from "../src/index.ts";
import { count, openShop, type Shop, topology } from "./shop.ts";

let shop: Shop;
const children: ChildProcess[] = [];
beforeEach(async () => {
  shop = await openShop();
});
afterEach(async () => {
  for (const child of children.splice(0)) child.kill("SIGKILL");
  await shop.close();
});

const clean = { missing: [], extra: [], unsent: 0 };
const stored = async () => (await (await jetstreamManager(shop.nc)).streams.info("words")).state.messages;
const heardAll = (n: number) =>
  eventually(async () => expect(await shop.heard()).toHaveLength(n), { timeoutMs: 25_000 });

function startReplica(failpoint = ""): ChildProcess {
  const program = fileURLToPath(new URL("./dying-replica.ts", import.meta.url));
  const env = { ...process.env, KONTOR_FAILPOINT: failpoint };
  const child = spawn(process.execPath, [program, shop.url, shop.nats.url], { env, stdio: "inherit" });
  children.push(child);
  return child;
}

describe("a killed process", () => {
  it("between publish and mark leaves no duplicate and no gap", async () => {
    await shop.say("ann", ...count(50));
    const child = startReplica("relay.after-publish");
    expect(await once(child, "exit")).toEqual([null, "SIGKILL"]);
    expect(await shop.db.query("SELECT FROM outbox WHERE published_at IS NULL")).toHaveLength(50);

    await shop.say("ann", "51");
    await shop.replica().start();
    await heardAll(51);
    expect(await shop.words()).toEqual(count(51));
    await eventually(async () =>
      expect(await audit(shop.db, shop.nc, "words")).toMatchObject({ ...clean, duplicates: 0, inStream: 51 }),
    );
  });

  it("between commit and ack has its effect once", async () => {
    await shop.say("ann", ...count(20));
    const child = startReplica("consumer.after-commit");
    expect(await once(child, "exit")).toEqual([null, "SIGKILL"]);
    const done = await shop.words();
    expect(done).toEqual(count(done.length));
    expect(done.length).toBeGreaterThan(0);
    await shop.replica().start();
    await heardAll(20);
    expect(await shop.words()).toEqual(count(20));
  });

  it("between the inbox row and the effect has its effect once", async () => {
    await shop.say("ann", ...count(20));
    const child = startReplica("consumer.after-claim");
    expect(await once(child, "exit")).toEqual([null, "SIGKILL"]);
    expect(await shop.words()).toEqual([]);
    expect(await shop.db.query("SELECT FROM inbox")).toEqual([]);
    await shop.replica().start();
    await heardAll(20);
    expect(await shop.words()).toEqual(count(20));
  });

  it("keeps the order of a key although its successor took over at once", async () => {
    const keys = count(5).map((n) => `speaker ${n}`);
    const talk = (async () => {
      for (const word of count(200)) await Promise.all(keys.map((key) => shop.say(key, word)));
    })();
    for (let n = 0; n < 3; n++) {
      const child = startReplica();
      const before = (await shop.heard()).length;
      await eventually(async () => expect((await shop.heard()).length).toBeGreaterThan(before));
      child.kill("SIGKILL");
      await once(child, "exit");
    }
    await shop.replica().start();
    await talk;
    await heardAll(1_000);
    for (const key of keys) expect(await shop.words(key)).toEqual(count(200));
  });
});

describe("NATS", () => {
  it("may be away at the start", async () => {
    await shop.nats.stop();
    const messaging = shop.replica();
    await messaging.start();
    expect(messaging.ready()).toBe(true);
    expect(messaging.connected()).toBe(false);
    await shop.say("ann", "hello");
    await shop.nats.restart();
    await heardAll(1);
    expect(messaging.connected()).toBe(true);
  });

  it("may stop and start again under load", async () => {
    await shop.replica().start();
    const talk = (async () => {
      for (const word of count(400)) await Promise.all([shop.say("ann", word), shop.say("bob", word)]);
    })();
    await heardAllAtLeast(20);
    await shop.nats.kill();
    await talk;
    await shop.nats.restart();
    await heardAll(800);
    for (const key of ["ann", "bob"]) expect(await shop.words(key)).toEqual(count(400));
    await eventually(async () =>
      expect(await audit(shop.db, shop.nc, "words")).toMatchObject({ ...clean, inOutbox: 800 }),
    );
  });

  it("may lose its store: the relay publishes again, the inbox drops processed messages", async () => {
    await shop.replica().start();
    await shop.say("ann", ...count(30));
    await heardAll(30);
    await shop.nats.wipe();
    await shop.say("ann", "31");
    await heardAll(31);
    expect(await shop.words()).toEqual(count(31));
    await eventually(async () =>
      expect(await audit(shop.db, shop.nc, "words")).toMatchObject({ ...clean, inStream: 31, duplicates: 0 }),
    );
  });

  it("may lose a stream that another client then creates", async () => {
    await shop.replica().start();
    await shop.say("ann", ...count(30));
    await heardAll(30);
    const { streams } = await jetstreamManager(shop.nc);
    await streams.delete("words");
    await streams.add({ name: "words", subjects: [`${topology.streams[0].package}.>`] });
    await shop.say("ann", "31");
    await heardAll(31);
    await eventually(async () =>
      expect(await audit(shop.db, shop.nc, "words")).toMatchObject({ ...clean, inStream: 31 }),
    );
    expect(await shop.words()).toEqual(count(31));
  });

  it("may lose the end of a stream", async () => {
    await shop.replica().start();
    await shop.say("ann", ...count(30));
    await heardAll(30);
    // The state after a power cut: the outbox has a later end than the stream.
    await shop.db.query("UPDATE outbox SET stream_seq = stream_seq + 5");
    await shop.db.query("UPDATE outbox_streams SET last_seq = last_seq + 5");
    await eventually(async () => expect(await shop.db.query("SELECT FROM outbox WHERE stream_seq > 30")).toEqual([]));
    await shop.say("ann", "31");
    await heardAll(31);
    expect(await stored()).toBe(31);
  });

  it("may restart without anything being published again", async () => {
    await shop.replica().start();
    await shop.say("ann", ...count(5));
    await heardAll(5);
    const [before] = await shop.db.query("SELECT incarnation FROM outbox_streams");
    await shop.nats.restart();
    await shop.say("ann", "6");
    await heardAll(6);
    expect(await shop.db.query("SELECT incarnation FROM outbox_streams")).toEqual([before]);
  });

  it("may lose the durable of a consumer", async () => {
    await shop.replica().start();
    await shop.say("ann", ...count(5));
    await heardAll(5);
    await (await jetstreamManager(shop.nc)).consumers.delete("words", "talk-words");
    await shop.say("ann", "6");
    await heardAll(6);
  });
});

describe("two replicas", () => {
  it("take turns: one is active, the other takes over", async () => {
    const replicas = [shop.replica(), shop.replica()];
    for (const replica of replicas) await replica.start();
    await shop.say("ann", ...count(20));
    await heardAll(20);
    const here = "(SELECT oid FROM pg_database WHERE datname = current_database())";
    const locks = `SELECT FROM pg_locks WHERE locktype = 'advisory' AND granted AND database = ${here}`;
    expect(await shop.db.query(locks)).toHaveLength(2);

    await replicas[0]?.stop();
    await shop.say("ann", "21");
    await heardAll(21);
    expect(await shop.words()).toEqual(count(21));
    await replicas[1]?.stop();
    expect(await shop.db.query(locks)).toEqual([]);
  });

  it("survive the loss of every database connection", async () => {
    await shop.replica().start();
    await shop.replica().start();
    await shop.say("ann", ...count(5));
    await heardAll(5);
    await shop.db.query(
      "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()",
    );
    await eventually(() => shop.say("ann", "6"));
    await heardAll(6);
  });
});

it("publishes everything again on request, without effect", async () => {
  await shop.replica().start();
  await shop.say("ann", ...count(10));
  await heardAll(10);
  await eventually(async () => expect(await republishAll(shop.db)).toBe(10));
  await shop.say("ann", "11");
  await heardAll(11);
  expect(await shop.words()).toEqual(count(11));
});

async function heardAllAtLeast(n: number): Promise<void> {
  await eventually(async () => expect((await shop.heard()).length).toBeGreaterThanOrEqual(n));
}
