import { StringValueSchema } from "@bufbuild/protobuf/wkt";
import { rowsOf } from "@kontor/testing";
import { type JetStreamManager, jetstreamManager } from "@nats-io/jetstream";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { createMessaging, defineConsumer, event, type Messaging, on, outbox, type Topology } from "../src/index.ts";
import { log, openShop, quick, type Shop } from "./shop.ts";

const PRESENT = "google.protobuf.StringValue";
const FORMER: string = "before.protobuf.StringValue";
const DURABLE = "echo-words";

/** The names that a release knows: the version before the rename of a package, the one that renames, and the one after it. */
const releases = {
  before: {
    schema: { ...StringValueSchema, typeName: FORMER as typeof StringValueSchema.typeName },
    formerly: undefined,
  },
  renaming: { schema: StringValueSchema, formerly: { from: "before", to: "google" } },
  after: { schema: StringValueSchema, formerly: undefined },
};
type Release = keyof typeof releases;

function topologyOf(release: Release): Topology {
  const { schema, formerly } = releases[release];
  return {
    streams: [{ name: "words", package: schema.typeName.replace(".StringValue", ""), service: "talk" }],
    consumers: [{ durable: DURABLE, service: "echo", stream: "words", events: [schema.typeName] }],
    ...(formerly && { formerly }),
  };
}

let shop: Shop;
let jsm: JetStreamManager;
const running = new Set<Messaging>();
beforeEach(async () => {
  shop = await openShop();
  jsm = await jetstreamManager(shop.nc);
});
afterEach(async () => {
  await Promise.all([...running].map(stop));
  await shop.close();
});

async function stop(messaging: Messaging): Promise<void> {
  running.delete(messaging);
  await messaging.stop();
}

async function start(service: "talk" | "echo", release: Release, fails: (word: string) => boolean = () => false) {
  const topology = topologyOf(release);
  const nats = { natsUrl: [shop.nats.url], natsUser: "tester", natsPassword: "tester" };
  const messaging = createMessaging({ db: shop.db, service, nats, topology, log, settings: quick });
  const store = on(releases[release].schema, async ({ value }, { tx, key, id, type }) => {
    if (fails(value)) throw new Error("It is not ready.");
    expect(type).toBe(releases[release].schema.typeName);
    await tx.query("INSERT INTO heard (word, key, id) VALUES ($1, $2, $3)", [value, key, id]);
  });
  if (service === "echo") messaging.consume(defineConsumer({ durable: DURABLE, stream: "words", handlers: [store] }));
  running.add(messaging);
  await messaging.start();
  return messaging;
}

const say = (release: Release, ...words: string[]) =>
  shop.db.transaction((tx) =>
    outbox.append(
      tx,
      words.map((value) => event(releases[release].schema, { value }, { key: "ann" })),
    ),
  );
const inStream = async () => {
  const { state } = await jsm.streams.info("words", { subjects_filter: ">" });
  return state.subjects ?? {};
};
const handled = (...words: string[]) => expect.poll(() => shop.words(), { timeout: 15_000 }).toEqual(words);
const published = () =>
  expect
    .poll(() => rowsOf(shop.db, "SELECT 1 AS one FROM outbox WHERE published_at IS NULL"), { timeout: 15_000 })
    .toEqual([]);

describe("events of a package that was renamed", () => {
  it("are handled after the upgrade: from the stream, the outbox and the table of deferred messages", async () => {
    const older = [await start("talk", "before"), await start("echo", "before", (word) => word === "2")];
    await say("before", "1", "2", "3");
    await handled("1");
    await expect.poll(() => older[1]?.deferred.list()).toHaveLength(2);
    await Promise.all(older.map(stop));
    await say("before", "4");
    await start("talk", "renaming");
    await start("echo", "renaming");
    await handled("1", "2", "3", "4");
    await say("renaming", "5");
    await handled("1", "2", "3", "4", "5");
  });

  it("have their former name while a process of the version before reads them, and the present one from then on", async () => {
    const older = await start("echo", "before");
    await start("talk", "renaming");
    await expect
      .poll(() =>
        jsm.consumers.info("words", DURABLE).then(
          () => true,
          () => false,
        ),
      )
      .toBe(true);
    await say("renaming", "1", "2");
    await handled("1", "2");
    expect(await inStream()).toEqual({ [FORMER]: 2 });
    await stop(older);
    await start("echo", "renaming");
    await expect
      .poll(
        async () => {
          await say("renaming", "x");
          await published();
          return Object.keys(await inStream());
        },
        { timeout: 20_000 },
      )
      .toContain(PRESENT);
    await expect.poll(async () => new Set(await shop.words()).size).toBe(3);
  });

  it("have the present name from the first one on where there is no consumer yet", async () => {
    await start("talk", "renaming");
    await say("renaming", "1");
    await published();
    expect(await inStream()).toEqual({ [PRESENT]: 1 });
    await start("echo", "renaming");
    await handled("1");
  });

  it("are handled although a process of the version before changed the durable, and acknowledged later ones", async () => {
    await start("talk", "renaming");
    const first = await start("echo", "renaming");
    await say("renaming", "1");
    await handled("1");
    await stop(first);
    await say("renaming", "2");
    await published();
    const older = await start("echo", "before");
    await expect
      .poll(
        async () => {
          await say("renaming", "later");
          await published();
          return (await shop.words()).includes("later");
        },
        { timeout: 20_000 },
      )
      .toBe(true);
    expect(await shop.words()).not.toContain("2");
    await stop(older);
    await start("echo", "renaming");
    await expect.poll(() => shop.words(), { timeout: 15_000 }).toContain("2");
    const [{ said = 0 } = {}] = await rowsOf<{ said: number }>(shop.db, "SELECT count(*)::int AS said FROM outbox");
    await expect.poll(async () => (await shop.words()).length).toBe(said);
  });

  it("do not affect the version after, which does not know the former name", async () => {
    const renaming = [await start("talk", "renaming"), await start("echo", "renaming")];
    await say("renaming", "1");
    await handled("1");
    const [talk] = renaming;
    if (talk) await stop(talk);
    await start("talk", "after");
    await say("after", "2");
    await handled("1", "2");
    await Promise.all(renaming.slice(1).map(stop));
    await start("echo", "after");
    await say("after", "3");
    await handled("1", "2", "3");
  });

  it("are redriven from dead letters that have the former name", async () => {
    const older = await start("echo", "before");
    await start("talk", "before");
    await say("before", "1");
    await handled("1");
    await stop(older);
    const echo = await start("echo", "renaming");
    const payload = "\\x0a0132"; // The word "2".
    const [letter] = await rowsOf<{ id: string }>(
      shop.db,
      `INSERT INTO dead_letters (id, consumer, message_id, type, key, payload, headers, reason, attempts)
       VALUES (gen_random_uuid(), $1, gen_random_uuid(), $2, 'ann', $3, '{}', 'x', 1) RETURNING id`,
      [DURABLE, FORMER, payload],
    );
    await echo.deadLetters.redrive(letter?.id ?? "");
    expect(await shop.words()).toEqual(["1", "2"]);
  });
});
