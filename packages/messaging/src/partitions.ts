import { randomUUIDv7 } from "node:crypto";
import { jetstreamManager } from "@nats-io/jetstream";
import type { NatsConnection } from "@nats-io/transport-node";
import { type ConsumerContext, consume } from "./consumer.ts";
import { divide, undivide } from "./divide.ts";
import { createSlots } from "./key-batches.ts";
import { type GroupState, leave, quotaOf, release, renew, take } from "./partition-leases.ts";
import { jittered, pause } from "./pause.ts";
import { retryDeferred } from "./retry.ts";
import type { Wake } from "./wake-subject.ts";
import { createWakeUpSignal } from "./wake-up-signal.ts";

/** A consumer that replicas share. */
export interface SharedConsumerContext extends Omit<ConsumerContext, "part"> {
  /** The number of partitions. */
  readonly partitions: number;
  readonly wake: Wake;
}

/** Consumes an undivided consumer, which this replica has alone, until `ended` aborts. */
export async function consumeAlone(context: ConsumerContext, nc: NatsConnection, ended: AbortSignal): Promise<void> {
  await undivide(context, await jetstreamManager(nc, { checkAPI: false }));
  await consume(context, nc, ended);
}

interface Held {
  readonly epoch: bigint;
  readonly end: AbortController;
  readonly work: Promise<void>;
}

/**
 * Consumes partitions of a consumer together with other replicas, until `ended` aborts: as many as its share of the live replicas. A partition
 * has one owner at a time. Its owner finishes what is in flight before it gives the partition up. An owner that cannot renew its membership in
 * time stops; if it does not notice, its transactions fail, because the next owner has another epoch.
 */
export async function consumePartitions(
  context: SharedConsumerContext,
  nc: NatsConnection,
  ended: AbortSignal,
): Promise<void> {
  const { db, definition, settings, log, partitions, wake } = context;
  const consumer = definition.durable;
  const me = { consumer, member: randomUUIDv7(), partitions }; // New members come last, so that few partitions move.
  const topic = `partitions ${consumer}`;
  const held = new Map<number, Held>();
  const changed = createWakeUpSignal();
  using _ = { [Symbol.dispose]: wake.observe(topic, changed.send) };
  const jsm = await jetstreamManager(nc, { checkAPI: false });
  const slots = createSlots(settings.concurrency);
  const retries = createWakeUpSignal();
  const over = new AbortController();
  const retrying = retryDeferred(context, retries, over.signal);
  const endAll = () => {
    for (const { end } of held.values()) end.abort();
  };
  const expiry = setTimeout(() => {
    log.warn({ consumer }, "membership not renewed; partitions stopped");
    endAll();
  }, settings.partitionLeaseMs).unref();

  function begin(index: number, epoch: bigint, generation: number): void {
    const end = new AbortController();
    const part = {
      partition: { index, of: partitions },
      generation,
      fence: { consumer, partition: index, epoch },
      slots,
      deferred: retries.send,
    };
    const work = consumeUntil(end.signal, async () => {
      await consume({ ...context, part }, nc, end.signal);
      changed.send(); // It ended: the lease may be lost.
    });
    held.set(index, { epoch, end, work });
  }
  async function consumeUntil(end: AbortSignal, work: () => Promise<void>): Promise<void> {
    while (!end.aborted) {
      await work().catch((err: unknown) => log.warn({ consumer, err }, "partition failed; retrying"));
      await pause(jittered(RETRY_MS), end);
    }
  }
  async function stop(index: number): Promise<void> {
    held.get(index)?.end.abort();
    await held.get(index)?.work;
    held.delete(index);
  }
  async function giveUp(indexes: readonly number[]): Promise<void> {
    await Promise.all(
      indexes.map(async (index) => {
        await stop(index);
        await release(db, me, index);
      }),
    );
    if (indexes.length > 0) wake.announce(topic);
  }

  /** Starts and stops partitions of this replica by the state of the group. */
  async function follow(state: GroupState): Promise<void> {
    const { generation } = state;
    if (generation?.partitions !== partitions) {
      await giveUp([...held.keys()]);
      const others = state.members.some((member) => member.partitions === (generation?.partitions ?? 1));
      if (!others && (await divide(context, jsm, generation, partitions))) changed.send();
      return;
    }
    const mine = new Map(
      state.partitions.flatMap(({ partition, epoch, owner }) => (owner === me.member ? [[partition, epoch]] : [])),
    );
    await Promise.all(
      [...held].flatMap(([index, { epoch, end }]) =>
        mine.get(index) === epoch && !end.signal.aborted ? [] : [stop(index)],
      ),
    );
    for (const [index, epoch] of mine)
      if (!held.has(index) && index < partitions) begin(index, epoch, generation.generation);
    const peers = state.members.filter((member) => member.partitions === partitions).map(({ member }) => member);
    const quota = quotaOf(peers, me.member, partitions);
    await giveUp([...held.keys()].slice(quota));
    const free = state.partitions.filter(
      ({ partition, owner }) => partition < partitions && (owner === null || !peers.includes(owner)),
    );
    for (const { partition } of free) {
      if (held.size >= quota || ended.aborted) break;
      const epoch = await take(db, me, partition, generation.generation);
      if (epoch !== undefined) begin(partition, epoch, generation.generation);
    }
  }

  try {
    for (let joined = false; !ended.aborted; joined = true) {
      try {
        const state = await renew(db, me, settings.partitionLeaseMs);
        expiry.refresh();
        if (!joined) wake.announce(topic);
        await follow(state);
      } catch (err) {
        log.warn({ consumer, err }, "partitions could not be renewed; retrying");
      }
      await changed.wait(settings.partitionLeaseMs / 3, ended);
    }
  } finally {
    clearTimeout(expiry);
    await Promise.all([...held.keys()].map(stop));
    over.abort();
    await retrying;
    await leave(db, me).catch((err: unknown) =>
      log.warn({ consumer, err }, "partitions expire; they could not be given up"),
    );
    wake.announce(topic);
  }
}

const RETRY_MS = 200;
