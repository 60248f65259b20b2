import { randomUUIDv7 } from "node:crypto";
import { type Nats, startNats } from "@kontor/testing";
import { type JetStreamClient, jetstream, jetstreamManager } from "@nats-io/jetstream";
import { connect, type NatsConnection } from "@nats-io/transport-node";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import type { OutboxRow } from "./envelope.ts";
import { createPublisher, isOvertaken } from "./publisher.ts";

const never = new AbortController().signal;
let nats: Nats;
let nc: NatsConnection;
let js: JetStreamClient;
beforeAll(async () => {
  nats = await startNats();
  nc = await connect({ servers: nats.url });
  js = jetstream(nc);
});
beforeEach(async () => {
  const { streams } = await jetstreamManager(nc);
  await streams.delete("words").catch(() => {});
  await streams.add({ name: "words", subjects: ["words.>"], max_msg_size: 10_000 });
});
afterAll(async () => {
  await nc.close();
  await nats.stop();
});

describe("a publisher", () => {
  it("stores a long batch in its order", async () => {
    const rows = someRows(300);
    const { acked, failure } = await createPublisher(js, "talk", { lastSeq: 0, window: 64 }).publish(rows, never);
    expect(failure).toBeUndefined();
    expect(acked).toHaveLength(300);
    expect(await storedIds()).toEqual(ids(rows));
  });

  it("publishes nothing past a message that the stream refuses", async () => {
    const rows = someRows(100);
    rows[70] = aRow({ payload: new Uint8Array(20_000) });
    const { acked, failure } = await createPublisher(js, "talk", { lastSeq: 0, window: 64 }).publish(rows, never);
    expect(failure).toBeInstanceOf(Error);
    expect(acked.map(({ id }) => id)).toEqual(ids(rows.slice(0, 70)));
    expect(await storedIds()).toEqual(ids(rows.slice(0, 70)));
  });

  it("continues after the messages of an earlier one", async () => {
    const rows = someRows(100);
    await createPublisher(js, "talk", { lastSeq: 0, window: 64 }).publish(rows.slice(0, 40), never);
    const { acked, failure } = await createPublisher(js, "talk", { lastSeq: 40, window: 64 }).publish(rows, never);
    expect(failure).toBeUndefined();
    expect(acked.map(({ seq }) => seq)).toEqual(rows.map((_, index) => index + 1));
    expect(await storedIds()).toEqual(ids(rows));
  });

  it("is refused when another client has published meanwhile", async () => {
    const zombie = createPublisher(js, "talk", { lastSeq: 0, window: 64 });
    const rows = someRows(10);
    await createPublisher(js, "talk", { lastSeq: 0, window: 64 }).publish(rows, never);
    const { acked, failure } = await zombie.publish(someRows(10), never);
    expect(acked).toEqual([]);
    expect(String(failure)).toMatch(/wrong last sequence/);
    expect(await storedIds()).toEqual(ids(rows));
  });

  it("does not wait long for a silent server once it is over", async () => {
    const silent = { publish: () => new Promise<never>(() => {}) };
    const over = new AbortController();
    const publishing = createPublisher(silent, "talk", { lastSeq: 0, window: 64 }).publish(someRows(3), over.signal);
    over.abort();
    expect(await publishing).toMatchObject({ acked: [], failure: expect.any(Error) });
  });
});

describe("a publisher to a stream that takes atomic batches", () => {
  beforeEach(async () => {
    await (await jetstreamManager(nc)).streams.update("words", { allow_atomic: true });
  });
  const start = (lastSeq: number) => ({ lastSeq, window: 500, atomic: nc });

  it("stores rows in their order, with one response", async () => {
    let responses = 0;
    const callback = (_: unknown, { reply }: { reply?: string }) => {
      if (reply) responses += 1;
    };
    const sub = nc.subscribe("words.>", { callback });
    await nc.flush();
    const rows = someRows(300);
    const { acked, failure } = await createPublisher(js, "talk", start(0)).publish(rows, never);
    expect(failure).toBeUndefined();
    expect(acked).toEqual(rows.map(({ id }, place) => ({ id, seq: place + 1 })));
    expect(await storedIds()).toEqual(ids(rows));
    expect(responses).toBe(1);
    sub.unsubscribe();
  });

  it("continues after the messages of an earlier one, and stores nothing twice", async () => {
    const rows = someRows(100);
    await createPublisher(js, "talk", start(0)).publish(rows.slice(0, 40), never);
    const { acked, failure } = await createPublisher(js, "talk", start(40)).publish(rows, never);
    expect(failure).toBeUndefined();
    expect(acked.map(({ seq }) => seq)).toEqual(rows.map((_, index) => index + 1));
    expect(await storedIds()).toEqual(ids(rows));
  });

  it("is refused as a whole when another client has published meanwhile", async () => {
    const zombie = createPublisher(js, "talk", start(0));
    const rows = someRows(10);
    await createPublisher(js, "talk", start(0)).publish(rows, never);
    const { acked, failure } = await zombie.publish(someRows(10), never);
    expect(acked).toEqual([]);
    expect(isOvertaken(failure)).toBe(true);
    expect(await storedIds()).toEqual(ids(rows));
  });

  it("publishes the messages before one that the stream refuses, and none behind it", async () => {
    const rows = someRows(100);
    rows[70] = aRow({ payload: new Uint8Array(20_000) });
    const { acked, failure } = await createPublisher(js, "talk", start(0)).publish(rows, never);
    expect(failure).toBeInstanceOf(Error);
    expect(acked).toHaveLength(70);
    expect(await storedIds()).toEqual(ids(rows.slice(0, 70)));
  });
});

function aRow(overrides: Partial<OutboxRow> = {}): OutboxRow {
  const payload = new Uint8Array([1]);
  return {
    id: randomUUIDv7(),
    type: "words.Word",
    key: "ann",
    payload,
    headers: {},
    created_at: new Date(0),
    ...overrides,
  };
}

function someRows(n: number): OutboxRow[] {
  return Array.from({ length: n }, () => aRow());
}

function ids(rows: readonly OutboxRow[]): string[] {
  return rows.map(({ id }) => id);
}

async function storedIds(): Promise<(string | undefined)[]> {
  const jsm = await jetstreamManager(nc);
  const { state } = await jsm.streams.info("words");
  const seqs = Array.from({ length: state.messages }, (_, index) => state.first_seq + index);
  return Promise.all(seqs.map(async (seq) => (await jsm.streams.getMessage("words", { seq }))?.header.get("ce-id")));
}
