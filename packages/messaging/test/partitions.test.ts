import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import { type Database, openDatabase } from "@kontor/postgres";
import { eventually } from "@kontor/testing";
import { jetstreamManager } from "@nats-io/jetstream";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { Messaging } from "../src/index.ts";
import { count, type Listener, openShop, type Shop, shared } from "./shop.ts";

let shop: Shop;
const opened: Database[] = [];
const children: ChildProcess[] = [];
beforeEach(async () => {
  shop = await openShop();
});
afterEach(async () => {
  for (const child of children.splice(0)) child.kill("SIGKILL");
  for (const messaging of running.splice(0)) await messaging.stop();
  for (const db of opened.splice(0)) await db.close();
  await shop.close();
});

const running: Messaging[] = [];
/** Starts a replica with its own database session, like another process. */
async function start(partitions: number, listen?: Listener, partitionLeaseMs?: number): Promise<Messaging> {
  const db = openDatabase({ url: shop.url, service: "talk" });
  opened.push(db);
  const messaging = shop.replica({ db, listen, settings: shared(partitions, partitionLeaseMs) });
  running.push(messaging);
  await messaging.start();
  return messaging;
}

function startChild(env: Record<string, string>): ChildProcess {
  const program = fileURLToPath(new URL("./dying-replica.ts", import.meta.url));
  const all = { ...process.env, ...env };
  const child = spawn(process.execPath, [program, shop.url, shop.nats.url], { env: all, stdio: "inherit" });
  children.push(child);
  return child;
}

const owners = async () => {
  const rows = await shop.db.query("SELECT owner, epoch FROM consumer_partitions ORDER BY partition");
  return rows.map(({ owner, epoch }) => ({ owner: owner === null ? null : String(owner), epoch: Number(epoch) }));
};
/** Resolves when that many replicas own that many partitions. */
const divided = (replicas: number, partitions: number) =>
  eventually(
    async () => {
      const owned = (await owners()).flatMap(({ owner }) => owner ?? []);
      expect(owned).toHaveLength(partitions);
      expect(new Set(owned).size).toBe(replicas);
    },
    { timeoutMs: 20_000 },
  );

const keys = count(16).map((n) => `speaker ${n}`);
/** Publishes `1` to `n` under each key, one after the other. */
const talk = async (n: number) => {
  for (const word of count(n)) await Promise.all(keys.map((key) => shop.say(key, word)));
};
const allInOrder = async (n: number) => {
  await eventually(async () => expect((await shop.heard()).length).toBeGreaterThanOrEqual(keys.length * n), {
    timeoutMs: 40_000,
  });
  for (const key of keys) expect(await shop.words(key)).toEqual(count(n));
};

describe("a consumer that replicas share", () => {
  it("is divided evenly, and each message has its effect once and in the order of its key", async () => {
    const handled = [0, 0];
    await start(4, async () => void handled.splice(0, 1, (handled[0] ?? 0) + 1));
    await divided(1, 4);
    await start(4, async () => void handled.splice(1, 1, (handled[1] ?? 0) + 1));
    await divided(2, 4);
    await talk(10);
    await allInOrder(10);
    expect(Math.min(...handled)).toBeGreaterThan(0);
    // Nothing was tried twice.
    expect((handled[0] ?? 0) + (handled[1] ?? 0)).toBe(160);
  }, 60_000);

  it("moves while replicas come and go, without a repetition and in order", async () => {
    let handled = 0;
    const listen = async () => void handled++;
    const first = await start(4, listen);
    await divided(1, 4);
    const talking = talk(40);
    await start(4, listen);
    await start(4, listen);
    await divided(3, 4);
    await first.stop();
    await divided(2, 4);
    await start(4, listen);
    await talking;
    await allInOrder(40);
    expect(handled).toBe(640);
  }, 90_000);

  it("moves few partitions when many replicas are added", async () => {
    await start(4);
    await divided(1, 4);
    const sum = async () => (await owners()).reduce((total, { epoch }) => total + epoch, 0);
    const before = await sum();
    for (let n = 2; n <= 4; n++) {
      await start(4);
      await divided(n, 4);
    }
    expect((await sum()) - before).toBeLessThanOrEqual(4);
  }, 60_000);

  it("continues on other replicas when one is killed with messages in flight", async () => {
    await start(4);
    await divided(1, 4);
    const child = startChild({ PARTITIONS: "4" });
    await divided(2, 4);
    const talking = talk(20);
    await eventually(async () => expect((await shop.heard()).length).toBeGreaterThan(50));
    child.kill("SIGKILL");
    await once(child, "exit");
    await talking;
    await allInOrder(20);
    await divided(1, 4);
  }, 90_000);

  it("ignores a replica that was stopped within a transaction and continues after another one has its partitions", async () => {
    const child = startChild({ PARTITIONS: "2", STOPPING_WORD: "3" });
    await divided(1, 2);
    await shop.say("ann", ...count(6));
    await eventually(async () => expect(await stateOf(child)).toBe("T"));
    await start(2, undefined, 1_500);
    // PostgreSQL ends the transaction of the stopped process after 15 s.
    await eventually(async () => expect(await shop.words("ann")).toEqual(count(6)), { timeoutMs: 40_000 });
    await shop.say("ann", "7");
    child.kill("SIGCONT");
    await eventually(async () => expect(await shop.words("ann")).toEqual(count(7)));
    await shop.say("bob", ...count(5));
    await eventually(async () => expect(await shop.words("bob")).toEqual(count(5)));
    expect(await shop.words("ann")).toEqual(count(7));
  }, 90_000);

  it("commits nothing of an owner whose epoch is over", async () => {
    let handled = 0;
    await start(2, async () => void handled++);
    await divided(1, 2);
    await shop.say("ann", "1");
    await eventually(async () => expect(await shop.words()).toEqual(["1"]));
    await shop.db.query("UPDATE consumer_partitions SET epoch = epoch + 1, owner = gen_random_uuid()");
    await shop.db.query(
      "INSERT INTO consumer_members SELECT consumer, owner, 2, now() + interval '2 s' FROM consumer_partitions",
    );
    await shop.say("ann", "2");
    // Once the other owner's membership has expired, this replica takes the partitions again.
    await eventually(async () => expect(await shop.words()).toEqual(["1", "2"]), { timeoutMs: 20_000 });
    expect((await owners()).every(({ epoch }) => epoch >= 4)).toBe(true);
    expect(await shop.db.query("SELECT FROM deferred_messages")).toEqual([]);
    expect(handled).toBe(2);
  }, 60_000);
});

describe("another number of partitions", () => {
  it("takes over an undivided consumer when its replica stops, and gives it back, without loss", async () => {
    let handled = 0;
    const listen = async () => void handled++;
    const undivided = await start(1, listen);
    await talk(5);
    await allInOrder(5);
    const talking = talk(20);
    const dividing = await start(4, listen);
    await eventually(async () => expect((await shop.heard()).length).toBeGreaterThan(100));
    expect(await owners()).toEqual([]); // The replica before has all.
    await undivided.stop();
    await divided(1, 4);
    await talking;
    await eventually(async () => expect(await shop.heard()).toHaveLength(400), { timeoutMs: 40_000 });
    await dividing.stop();
    await start(1, listen);
    await talk(1);
    await eventually(async () => expect(await shop.heard()).toHaveLength(416), { timeoutMs: 40_000 });
    for (const key of keys) expect(await shop.words(key)).toEqual([...count(5), ...count(20), "1"]);
    expect(handled).toBe(416);
  }, 120_000);

  it("applies once the replicas with the former number have stopped, and keeps order and effects", async () => {
    const four = await start(4);
    await divided(1, 4);
    const talking = talk(40);
    const eight = await start(8);
    await eventually(async () => expect((await shop.heard()).length).toBeGreaterThan(50));
    expect(await owners()).toHaveLength(4);
    await four.stop();
    await divided(1, 8);
    const again = await start(4);
    await eight.stop();
    await eventually(async () => {
      const owned = (await owners()).filter(({ owner }) => owner !== null);
      expect(owned).toHaveLength(4);
    });
    await talking;
    await allInOrder(40);
    await again.stop();
    const { consumers } = await jetstreamManager(shop.nc);
    for (const n of count(4)) {
      const info = await consumers.info("words", `talk-words-p${Number(n) - 1}`);
      expect(info.num_pending + info.num_ack_pending).toBe(0);
    }
  }, 120_000);
});

/** Returns the state of a process by /proc, such as T for stopped; or by the received signal where there is no /proc. */
async function stateOf({ pid }: ChildProcess): Promise<string | undefined> {
  const { readFile } = await import("node:fs/promises");
  return (await readFile(`/proc/${pid}/stat`, "utf8")).split(" ")[2];
}
