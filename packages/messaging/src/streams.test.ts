import { type Nats, startNats } from "@kontor/testing";
import { AckPolicy, DeliverPolicy, type JetStreamManager, jetstream, jetstreamManager } from "@nats-io/jetstream";
import { connect, Feature, type NatsConnection } from "@nats-io/transport-node";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { rewindConsumer } from "./durables.ts";
import { defaultSettings } from "./settings.ts";
import { ensureStream } from "./streams.ts";

const stream = { name: "words", package: "words", service: "talk" };
const durable = { durable: "listener", service: "talk", stream: "words", events: ["words.A", "words.B"] };
let nats: Nats;
let nc: NatsConnection;
let jsm: JetStreamManager;
beforeAll(async () => {
  nats = await startNats();
  nc = await connect({ servers: nats.url });
  jsm = await jetstreamManager(nc);
});
beforeEach(async () => {
  await jsm.streams.delete("words").catch(() => {});
  await ensureStream(jsm, stream, defaultSettings);
});
afterAll(async () => {
  await nc.close();
  await nats.stop();
});

describe("a stream", () => {
  it("is brought up to date", async () => {
    const settings = { ...defaultSettings, duplicateWindowMs: 60_000 };
    expect((await ensureStream(jsm, stream, settings)).config.duplicate_window).toBe(60e9);
  });

  it("that cannot have its replicas continues with its present ones, with all other changes, and names the remedy", async () => {
    const settings = { ...defaultSettings, replicas: 3, duplicateWindowMs: 60_000 };
    const told: string[] = [];
    const onTooFew = ({ message }: Error) => void told.push(message);
    const { config } = await ensureStream(jsm, stream, settings, { onTooFew });
    expect(config).toMatchObject({ num_replicas: 1, duplicate_window: 60e9 });
    const remedy = expect.stringMatching(
      /3 copies of the stream words: .* Set NATS_REPLICAS to no more than the servers/,
    );
    expect(told).toEqual([remedy]);
    const other = { ...stream, name: "other", package: "other" };
    await expect(ensureStream(jsm, other, settings, { onTooFew })).rejects.toThrow(/Set NATS_REPLICAS/);
  });
});

describe("a definition by a client with stolen credentials", () => {
  it("is removed from a stream: sources, subjects to republish to, and transformed subjects", async () => {
    await jsm.streams.add({ name: "secrets", subjects: ["secrets.>"] });
    const republish = { src: "words.A", dest: "others.A" };
    const subject_transform = { src: "words.B", dest: "words.A" };
    await jsm.streams.update("words", { sources: [{ name: "secrets" }], republish, subject_transform });
    const found: string[] = [];
    const onForeign = (settings: readonly string[]) => void found.push(...settings);
    const { config } = await ensureStream(jsm, stream, defaultSettings, { onForeign });
    expect(found).toEqual(["sources", "republish", "subject_transform"]);
    for (const setting of found) expect(config).not.toHaveProperty(setting);
    await ensureStream(jsm, stream, defaultSettings, { onForeign });
    expect(found).toHaveLength(3);
  });

  it("is removed from a stream that was made as a mirror of another's before its owner made it", async () => {
    await jsm.streams.delete("words");
    await jsm.streams.add({ name: "others", subjects: ["others.>"] });
    await jetstream(nc).publish("others.A", "secret");
    await jsm.streams.add({ name: "words", mirror: { name: "others" } });
    const found: string[] = [];
    const onForeign = (settings: readonly string[]) => void found.push(...settings);
    const { config } = await ensureStream(jsm, stream, defaultSettings, { onForeign });
    expect(found).toEqual(["mirror"]);
    expect(config).not.toHaveProperty("mirror");
    const before = (await jsm.streams.info("words")).state.messages;
    await jetstream(nc).publish("others.A", "secret");
    await jetstream(nc).publish("words.A", "mine");
    expect((await jsm.streams.info("words")).state.messages).toBe(before + 1);
  });

  it("is removed from a durable that delivers to a subject, which continues after its last acknowledgement", async () => {
    await rewindConsumer(jsm, durable, defaultSettings);
    for (const word of ["1", "2"]) await jetstream(nc).publish("words.A", word);
    expect(await fetchWords(1, ["1"])).toEqual(["1"]);
    await jsm.consumers.delete("words", "listener");
    const start = { deliver_policy: DeliverPolicy.StartSequence, opt_start_seq: 2 };
    const stolen = { ack_policy: AckPolicy.Explicit, deliver_subject: "others.B", ...start };
    await jsm.consumers.add("words", { durable_name: "listener", ...stolen });
    const { config } = await rewindConsumer(jsm, durable, defaultSettings);
    expect(config).not.toHaveProperty("deliver_subject");
    expect(await fetchWords(1, ["2"])).toEqual(["2"]);
  });
});

describe.each([true, false])("rewinding a durable (the server can reset: %s)", (reset) => {
  beforeEach(() => {
    if (!reset)
      (nc as unknown as { features: { disable(feature: Feature): void } }).features.disable(Feature.JS_CONSUMER_RESET);
  });

  it("delivers unacknowledged messages again, in order", async () => {
    await rewindConsumer(jsm, durable, defaultSettings);
    for (const word of ["1", "2", "3", "4"]) await jetstream(nc).publish(`words.${Number(word) % 2 ? "A" : "B"}`, word);
    expect(await fetchWords(3, ["1", "3"])).toEqual(["1", "2", "3"]);
    await rewindConsumer(jsm, durable, defaultSettings);
    const again = await fetchWords(10, ["2", "3", "4"]);
    expect(again.filter((word) => word !== "3")).toEqual(["2", "4"]);
    expect((await jsm.consumers.info("words", "listener")).num_ack_pending).toBe(0);
  });

  it("adopts another list of events", async () => {
    await rewindConsumer(jsm, durable, defaultSettings);
    await rewindConsumer(jsm, { ...durable, events: ["words.A"] }, defaultSettings);
    await jetstream(nc).publish("words.B", "no");
    await jetstream(nc).publish("words.A", "yes");
    expect(await fetchWords(2, ["yes"])).toEqual(["yes"]);
  });
});

async function fetchWords(most: number, acknowledged: readonly string[]): Promise<string[]> {
  const words: string[] = [];
  const consumer = await jetstream(nc).consumers.get("words", "listener");
  for await (const message of await consumer.fetch({ max_messages: most, expires: 1_000 })) {
    words.push(message.string());
    if (acknowledged.includes(message.string())) await message.ackAck();
  }
  return words;
}
