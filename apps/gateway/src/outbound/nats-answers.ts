import { randomUUID } from "node:crypto";
import type { Nats } from "@kontor/nats";
import type { KV } from "@nats-io/kv";
import type { NatsConnection } from "@nats-io/transport-node";
import type { AnswerStore, Hold, Kept } from "../policy/idempotency/answer-store.ts";
import { addCopies, type Copies, explained } from "./copies.ts";
import { isConflict, isStreamGone, isUnanswered } from "./nats-errors.ts";
import { createPatience, type Patiently } from "./nats-patience.ts";

const BUCKET = "gateway-idempotency";
const WAIT_MS = 2_000;

interface Opened {
  readonly connection: NatsConnection;
  readonly bucket: Promise<KV>;
}

/**
 * Stores keys and responses in a bucket of NATS, on disk, for the given time. Every change is conditional on the revision that was read.
 */
export function natsAnswers(nats: Nats, { keptMs, ...copies }: { keptMs: number } & Copies): AnswerStore {
  const patiently = createPatience(nats, copies.replicas);
  let last: Opened | undefined;
  nats.observe({ up: () => {}, down: () => (last = undefined) });

  function opened(): Opened {
    const connection = nats.current();
    if (connection === undefined) throw new Error("NATS is away");
    if (last?.connection === connection) return last;
    const made = { connection, bucket: open(connection, keptMs, copies) };
    made.bucket.catch(() => forget(made));
    last = made;
    return made;
  }
  /** Another may have been opened since. */
  function forget(which: Opened): void {
    if (last === which) last = undefined;
  }

  async function attempt(key: string, payload: string, running: string): ReturnType<AnswerStore["claim"]> {
    const used = opened();
    try {
      return await claimIn(await used.bucket, key, payload, running, patiently);
    } catch (error) {
      if (isStreamGone(error)) forget(used);
      throw error;
    }
  }
  return {
    claim(key, payload, until, signal) {
      const heldMs = until - Date.now();
      const running = JSON.stringify({ state: "running", payload, until, heldMs, by: randomUUID() });
      return patiently(async (isOver) => {
        const claimed = await attempt(key, payload, running);
        if ("hold" in claimed && isOver()) await claimed.hold.release(); // The caller has left.
        return claimed;
      }, signal);
    },
  };
}

async function claimIn(
  bucket: KV,
  key: string,
  payload: string,
  running: string,
  patiently: Patiently,
): ReturnType<AnswerStore["claim"]> {
  const held = (revision: number) => ({ hold: holdOf(bucket, key, revision, patiently) });
  const created = await unlessChanged(bucket.create(key, running));
  if (created !== undefined) return held(created);
  const entry = await bucket.get(key);
  const found = entry?.operation === "PUT" ? entry.string() : undefined;
  if (entry === null || found === undefined) return { kept: decode(running) };
  if (found === running) return held(entry.revision); // By an attempt that received no response.
  const kept = decode(found);
  if (!(await hasRunOut(bucket, kept, entry.created)) || kept.payload !== payload) return { kept };
  const taken = await unlessChanged(bucket.update(key, running, entry.revision));
  return taken === undefined ? { kept } : held(taken);
}

/** Returns whether a claim has expired, by the clock of the NATS server: those of gateways may differ. */
async function hasRunOut(bucket: KV, kept: Kept, storedAt: Date): Promise<boolean> {
  if (kept.state !== "running") return false;
  const ts = kept.heldMs === undefined ? undefined : (await bucket.status()).streamInfo.ts;
  if (kept.heldMs === undefined || ts === undefined) return kept.until <= Date.now();
  return Date.parse(ts) - storedAt.getTime() >= kept.heldMs;
}

function holdOf(bucket: KV, key: string, revision: number, patiently: Patiently): Hold {
  function certainly(change: () => Promise<unknown>): Promise<void> {
    let unsure = false;
    return patiently(async () => {
      try {
        await change();
      } catch (error) {
        if (unsure && isConflict(error)) return; // An attempt without a response succeeded.
        unsure ||= isUnanswered(error);
        throw error;
      }
    });
  }
  return {
    finish: (kept) => certainly(() => bucket.update(key, encode(kept), revision)),
    release: () => certainly(() => bucket.delete(key, { previousSeq: revision })),
  };
}

async function open(connection: NatsConnection, keptMs: number, copies: Copies): Promise<KV> {
  const [{ jetstream, jetstreamManager, StorageType }, { Kvm }] = await Promise.all([
    import("@nats-io/jetstream"),
    import("@nats-io/kv"),
  ]);
  const buckets = new Kvm(jetstream(connection, { timeout: WAIT_MS, checkAPI: false }));
  // Read from the leader: a replica may lack the last write.
  const fixed = { history: 1, storage: StorageType.File, allow_direct: false };
  try {
    const bucket = await buckets.create(BUCKET, { ttl: keptMs, replicas: copies.replicas, ...fixed });
    await addCopies(await jetstreamManager(connection, { timeout: WAIT_MS, checkAPI: false }), `KV_${BUCKET}`, copies);
    return bucket;
  } catch (error) {
    throw explained(error, copies);
  }
}

/** Resolves to the result of the change; undefined if another gateway changed it first. */
async function unlessChanged<T>(change: Promise<T>): Promise<T | undefined> {
  try {
    return await change;
  } catch (error) {
    if (isConflict(error)) return undefined;
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
