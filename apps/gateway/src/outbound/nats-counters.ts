import type { Nats } from "@kontor/nats";
import type { NatsConnection } from "@nats-io/transport-node";
import type { SharedCounters } from "../policy/rate-limit/limiter.ts";
import { addCopies, type Copies, explained } from "./copies.ts";
import { isStreamGone } from "./nats-errors.ts";

const STREAM = "GATEWAY_RATE_LIMITS";
const PREFIX = "kontor-gateway.rate-limits";
const WAIT_MS = 500;

/**
 * Counters of JetStream (`Nats-Incr`, ADR-49): one round trip adds and returns the sum. They are stored in memory for two of the longest
 * windows. Servers before 2.12 have none, and each replica counts on its own.
 */
export function natsCounters(
  nats: Nats,
  { longestWindowMs, ...copies }: { longestWindowMs: number } & Copies,
): SharedCounters {
  let ready: { readonly connection: NatsConnection; readonly stream: Promise<void> } | undefined;
  const prepared = (connection: NatsConnection): Promise<void> => {
    if (ready?.connection !== connection)
      ready = { connection, stream: createStream(connection, 2 * longestWindowMs, copies) };
    return ready.stream;
  };
  let complained = false;
  nats.observe({ up: () => (complained = false), down: () => (ready = undefined) });
  return {
    available: () => nats.current() !== undefined,
    async add(name, n) {
      const connection = nats.current();
      if (connection === undefined) throw new Error("NATS is away");
      try {
        await prepared(connection);
        return await increment(connection, `${PREFIX}.${name}`, n);
      } catch (error) {
        ready = undefined;
        if (!complained) copies.log.warn({ err: error }, "rate limits not shared; each replica counts on its own");
        complained = true;
        throw error;
      }
    },
  };
}

async function createStream(connection: NatsConnection, keptMs: number, copies: Copies): Promise<void> {
  const { jetstreamManager, StorageType } = await import("@nats-io/jetstream");
  const manager = await jetstreamManager(connection, { timeout: WAIT_MS, checkAPI: false });
  const limits = { max_msgs_per_subject: 1, max_age: keptMs * 1_000_000 };
  const there = await manager.streams.info(STREAM).catch((error: unknown) => {
    if (isStreamGone(error)) return undefined;
    throw error;
  });
  if (there !== undefined) {
    if (there.config.max_age !== limits.max_age) await manager.streams.update(STREAM, limits);
    return addCopies(manager, STREAM, copies);
  }
  const fixed = { subjects: [`${PREFIX}.>`], allow_msg_counter: true, storage: StorageType.Memory };
  try {
    await manager.streams.add({ name: STREAM, ...fixed, ...limits, num_replicas: copies.replicas });
  } catch (error) {
    throw explained(error, copies);
  }
}

async function increment(connection: NatsConnection, subject: string, n: number): Promise<number> {
  const { headers } = await import("@nats-io/transport-node");
  const told = headers();
  told.set("Nats-Incr", `+${n}`);
  const answer = await connection.request(subject, "", { headers: told, timeout: WAIT_MS });
  const { val, error } = answer.json<{ val?: string; error?: { description: string } }>();
  if (val === undefined) throw new Error(error?.description ?? "NATS does not count: it is older than 2.12");
  return Number(val);
}
