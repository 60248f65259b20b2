import { randomUUID } from "node:crypto";
import { setTimeout as delay } from "node:timers/promises";
import type { KV } from "@nats-io/kv";
import type { NatsConnection } from "@nats-io/transport-node";
import type { AnswerStore, Hold, Kept } from "../policy/idempotency/answer-store.ts";
import { addCopies, type Copies, explained } from "./copies.ts";
import type { Nats } from "./nats.ts";

const BUCKET = "gateway-idempotency";
const WAIT_MS = 2_000;
/** How long one of several servers may take to lead in place of another that died. */
const ELECTION_MS = 8_000;

/** Keeps keys and answers in a bucket of NATS, on disk, for as long as given. Every change is conditional on what was read. */
export function natsAnswers(nats: Nats, { keptMs, ...copies }: { keptMs: number } & Copies): AnswerStore {
  let opened: { readonly connection: NatsConnection; readonly bucket: Promise<KV> } | undefined;
  const bucketOf = (): Promise<KV> => {
    const connection = nats.current();
    if (connection === undefined) throw new Error("NATS is away");
    if (opened?.connection !== connection) opened = { connection, bucket: open(connection, keptMs, copies) };
    return opened.bucket;
  };
  nats.observe({ up: () => {}, down: () => (opened = undefined) });

  const patience = copies.replicas > 1 ? ELECTION_MS : 0;

  async function attempt(key: string, running: string): ReturnType<AnswerStore["claim"]> {
    try {
      const bucket = await bucketOf();
      const created = await unlessChanged(bucket.create(key, running));
      if (created !== undefined) return { hold: holdOf(bucket, key, created, patience) };
      const entry = await bucket.get(key);
      const found = entry?.operation === "PUT" ? entry.string() : undefined;
      if (entry === null || found === undefined) return { kept: decode(running) };
      if (found === running) return { hold: holdOf(bucket, key, entry.revision, patience) }; // By a try that heard no answer.
      const kept = decode(found);
      if (kept.state !== "running" || kept.until > Date.now()) return { kept };
      const taken = await unlessChanged(bucket.update(key, running, entry.revision));
      return taken === undefined ? { kept } : { hold: holdOf(bucket, key, taken, patience) };
    } catch (error) {
      opened = undefined;
      throw error;
    }
  }
  return {
    claim(key, payload, until) {
      const running = JSON.stringify({ state: "running", payload, until, by: randomUUID() });
      return patiently(patience, () => attempt(key, running));
    },
  };
}

function holdOf(bucket: KV, key: string, revision: number, patience: number): Hold {
  // After a try that heard no answer, a change means that it got through.
  const certainly = (change: () => Promise<unknown>) =>
    patiently(patience, async (tries) => void (await (tries === 0 ? change() : unlessChanged(change()))));
  return {
    finish: (kept) => certainly(() => bucket.update(key, encode(kept), revision)),
    release: () => certainly(() => bucket.delete(key, { previousSeq: revision })),
  };
}

/** Tries again for so long, as a cluster may take to choose another leader. A conflict stays one. */
async function patiently<T>(forMs: number, work: (tries: number) => Promise<T>): Promise<T> {
  const end = Date.now() + forMs;
  for (let tries = 0; ; tries++) {
    try {
      return await work(tries);
    } catch (error) {
      if (Date.now() >= end || (await isConflict(error))) throw error;
      await delay(250);
    }
  }
}

async function open(connection: NatsConnection, keptMs: number, copies: Copies): Promise<KV> {
  const [{ jetstream, jetstreamManager, StorageType }, { Kvm }] = await Promise.all([
    import("@nats-io/jetstream"),
    import("@nats-io/kv"),
  ]);
  const buckets = new Kvm(jetstream(connection, { timeout: WAIT_MS }));
  // Read from the leader: a replica may not yet know what was written.
  const fixed = { history: 1, storage: StorageType.File, allow_direct: false };
  try {
    const bucket = await buckets.create(BUCKET, { ttl: keptMs, replicas: copies.replicas, ...fixed });
    await addCopies(await jetstreamManager(connection, { timeout: WAIT_MS, checkAPI: false }), `KV_${BUCKET}`, copies);
    return bucket;
  } catch (error) {
    throw explained(error, copies);
  }
}

/** What came of the change; undefined when somebody else was quicker. */
async function unlessChanged<T>(change: Promise<T>): Promise<T | undefined> {
  try {
    return await change;
  } catch (error) {
    if (await isConflict(error)) return undefined;
    throw error;
  }
}

async function isConflict(error: unknown): Promise<boolean> {
  const { JetStreamApiCodes, JetStreamApiError } = await import("@nats-io/jetstream");
  return error instanceof JetStreamApiError && error.code === JetStreamApiCodes.StreamWrongLastSequence;
}

function encode(kept: Kept): string {
  if (kept.state !== "done") return JSON.stringify(kept);
  const { body = "", ...head } = kept.reply;
  return JSON.stringify({ ...kept, reply: { ...head, body: Buffer.from(body as string).toString("base64") } });
}

function decode(text: string): Kept {
  const kept: Kept = JSON.parse(text);
  if (kept.state !== "done") return kept;
  return { ...kept, reply: { ...kept.reply, body: Buffer.from(String(kept.reply.body), "base64") } };
}
