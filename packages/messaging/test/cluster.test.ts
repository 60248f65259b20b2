import { setTimeout as delay } from "node:timers/promises";
import { eventually, type NatsCluster, startNatsCluster } from "@kontor/testing";
import { jetstreamManager } from "@nats-io/jetstream";
import { connect } from "@nats-io/transport-node";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { audit } from "../src/index.ts";
import { count, openShop, type Shop } from "./shop.ts";

const copies = (replicas: number) => ({ settings: { replicas } });
const infoOf = async (shop: Shop) => (await jetstreamManager(shop.nc, { checkAPI: false })).streams.info("words");

let cluster: NatsCluster;
let shop: Shop;
beforeAll(async () => {
  cluster = await startNatsCluster();
});
beforeEach(async () => {
  shop = await openShop(cluster.urls);
});
afterEach(async () => {
  await shop.close(); // A relay that runs would make the stream again.
  const nc = await connect({ servers: [...cluster.urls] });
  await (await jetstreamManager(nc, { checkAPI: false })).streams.delete("words").catch(() => {});
  await nc.close();
});
afterAll(() => cluster.stop());

describe("a cluster of three", () => {
  it("loses no event and repeats none when the stream's leader crashes", async () => {
    await shop.replica(copies(3)).start();
    let talking = true;
    const talk = (async () => {
      let n = 0;
      for (; talking; await delay(20)) await shop.say("ann", String(++n));
      return n;
    })();
    await heardAtLeast(20);
    const { leader = "" } = (await infoOf(shop)).cluster ?? {};
    const dead = cluster.servers.get(leader);
    expect(dead).toBeDefined();
    await dead?.kill();

    const before = (await shop.heard()).length;
    await heardAtLeast(before + 20); // Two servers are enough.
    talking = false;
    const said = await talk;
    await heardAtLeast(said);
    expect(await shop.words()).toEqual(count(said));
    await dead?.restart();
    await eventually(async () =>
      expect(await audit(shop.db, shop.nc, "words")).toMatchObject({
        missing: [],
        extra: [],
        duplicates: 0,
        unsent: 0,
      }),
    );
  }, 60_000);

  it("adds replicas to a stream that had one, and keeps them when a release sets one", async () => {
    const alone = shop.replica(copies(1));
    await alone.start();
    await shop.say("ann", "1");
    await heardAtLeast(1);
    await alone.stop();
    expect((await infoOf(shop)).config.num_replicas).toBe(1);

    const three = shop.replica(copies(3));
    await three.start();
    await shop.say("ann", "2");
    await heardAtLeast(2);
    await eventually(async () => expect((await infoOf(shop)).cluster?.replicas).toHaveLength(2));
    expect((await infoOf(shop)).config.num_replicas).toBe(3);
    await three.stop();

    await shop.replica(copies(1)).start();
    await shop.say("ann", "3");
    await heardAtLeast(3);
    expect((await infoOf(shop)).config.num_replicas).toBe(3);
    expect(await shop.words()).toEqual(["1", "2", "3"]);
  }, 60_000);
});

const heardAtLeast = (n: number) =>
  eventually(async () => expect((await shop.heard()).length).toBeGreaterThanOrEqual(n), { timeoutMs: 30_000 });
