import type { KV } from "@nats-io/kv";
import type { NatsConnection } from "@nats-io/transport-node";
import type { AnswerStore, Hold, Kept } from "../policy/idempotency/answer-store.ts";
import { addCopies, type Copies, explained } from "./copies.ts";
import type { Nats } from "./nats.ts";

const BUCKET = "gateway-idempotency";
const WAIT_MS = 2_000;

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

  return {
    async claim(key, payload, until) {
      const running = encode({ state: "running", payload, until });
      try {
        const bucket = await bucketOf();
        const created = await unlessChanged(bucket.create(key, running));
        if (created !== undefined) return { hold: holdOf(bucket, key, created) };
        const entry = await bucket.get(key);
        const kept = entry?.operation === "PUT" ? decode(entry.string()) : undefined;
        if (entry === null || kept === undefined) return { kept: { state: "running", payload, until } };
        if (kept.state !== "running" || kept.until > Date.now()) return { kept };
        const taken = await unlessChanged(bucket.update(key, running, entry.revision));
        return taken === undefined ? { kept } : { hold: holdOf(bucket, key, taken) };
      } catch (error) {
        opened = undefined;
        throw error;
      }
    },
  };
}

function holdOf(bucket: KV, key: string, revision: number): Hold {
  return {
    finish: async (kept) => void (await bucket.update(key, encode(kept), revision)),
    release: () => bucket.delete(key, { previousSeq: revision }),
  };
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

/** The new revision; undefined when somebody else was quicker. */
async function unlessChanged(change: Promise<number>): Promise<number | undefined> {
  try {
    return await change;
  } catch (error) {
    const { JetStreamApiCodes, JetStreamApiError } = await import("@nats-io/jetstream");
    const isConflict = error instanceof JetStreamApiError && error.code === JetStreamApiCodes.StreamWrongLastSequence;
    if (isConflict) return undefined;
    throw error;
  }
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
