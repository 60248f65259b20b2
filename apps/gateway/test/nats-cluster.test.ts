import { eventually, type NatsCluster, startNatsCluster } from "@kontor/testing";
import { type JetStreamManager, jetstreamManager } from "@nats-io/jetstream";
import { connect, type NatsConnection } from "@nats-io/transport-node";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type Notes, startNotes } from "./notes.ts";

const streams = ["KV_gateway-idempotency", "GATEWAY_RATE_LIMITS"];
let cluster: NatsCluster;
let nc: NatsConnection;
let jsm: JetStreamManager;
beforeAll(async () => {
  cluster = await startNatsCluster();
  nc = await connect({ servers: [...cluster.urls], maxReconnectAttempts: -1 });
  jsm = await jetstreamManager(nc, { checkAPI: false });
});
afterAll(async () => {
  await nc.close();
  await cluster.stop();
});

async function edge(natsReplicas: number): Promise<Notes> {
  const notes = await startNotes({ natsUrl: [...cluster.urls], natsReplicas });
  let made = 0;
  notes.script = async () => ({ id: `n${++made}` });
  await eventually(async () => expect((await add(notes, "first")).status).toBe(201), { timeoutMs: 20_000 });
  return notes;
}
const add = (notes: Notes, key: string) =>
  notes.ask("POST", "/notes", { body: { text: "x" }, headers: { "Idempotency-Key": key } });
const copiesOf = (stream: string) => jsm.streams.info(stream).then(({ config }) => config.num_replicas);
/** Counters that were not reachable in time are tried again by the next call. */
const keptBy = (servers: number, notes: Notes) =>
  eventually(
    async () => {
      await add(notes, "first");
      expect(await Promise.all(streams.map(copiesOf))).toEqual([servers, servers]);
    },
    { timeoutMs: 20_000 },
  );

describe("behind a NATS cluster, the edge", () => {
  it("adds the missing replicas of limits and responses, and continues when a server crashes", async () => {
    const alone = await edge(1);
    await keptBy(1, alone);
    await alone.stop();

    const notes = await edge(3);
    await keptBy(3, notes);
    await eventually(
      async () => {
        const { replicas = [] } = (await jsm.streams.info("KV_gateway-idempotency")).cluster ?? {};
        expect(replicas.filter(({ current }) => current)).toHaveLength(2);
      },
      { timeoutMs: 20_000 },
    );
    const { leader = "" } = (await jsm.streams.info("KV_gateway-idempotency")).cluster ?? {};
    await cluster.servers.get(leader)?.kill();
    // An election of which nothing comes is followed by another: then a call may be refused, once.
    const refused: number[] = [];
    const insist = (key: string) =>
      eventually(
        async () => {
          const { status } = await add(notes, key);
          if (status !== 201) refused.push(status);
          expect(status).toBe(201);
        },
        { timeoutMs: 40_000 },
      );
    await Promise.all(["a", "b", "c"].map(insist));
    expect(refused.length).toBeLessThanOrEqual(3);
    const again = await Promise.all(["a", "b", "c"].map((key) => add(notes, key)));
    expect(again.map(({ headers }) => headers.get("idempotent-replayed"))).toEqual(["true", "true", "true"]);
    await notes.stop();
  }, 120_000);

  it("grants a key to one of many concurrent calls, with any configured number of replicas", async () => {
    const notes = await edge(1);
    const seenBefore = notes.seen.length;
    const keys = Array.from({ length: 20 }, (_, i) => `many-${i}`);
    const asked = keys.flatMap((key) => Array.from({ length: 5 }, () => add(notes, key)));
    const found = (await Promise.all(asked)).map(({ status }) => status);
    expect(found.filter((status) => status !== 201 && status !== 409)).toEqual([]);
    expect(notes.seen).toHaveLength(seenBefore + keys.length);
    await notes.stop();
  }, 60_000);

  it("names the setting to change when there are too few servers", async () => {
    const notes = await startNotes({ natsUrl: [...cluster.urls], natsReplicas: 5 });
    await add(notes, "more");
    expect(JSON.stringify(notes.logged)).toContain("Set NATS_REPLICAS to no more than the servers");
    await notes.stop();
  }, 60_000);

  it("refuses calls with a key at once when every server is away", async () => {
    const notes = await startNotes({ natsUrl: [...cluster.urls], natsReplicas: 3, deadlineCap: 1_000 });
    const heard = () => notes.logged.filter(({ up }) => up !== undefined).at(-1)?.up;
    await expect.poll(heard, { timeout: 10_000 }).toBe(true);
    await Promise.all([...cluster.servers.values()].map((server) => server.stop()));
    await expect.poll(async () => (await add(notes, "k")).status, { timeout: 15_000 }).toBe(503);
    await notes.stop();
  }, 60_000);
});
