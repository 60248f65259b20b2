import { bothNames, type Renamed } from "@kontor/nats";
import {
  AckPolicy,
  type ConsumerInfo,
  DeliverPolicy,
  JetStreamApiCodes,
  JetStreamApiError,
  type JetStreamManager,
} from "@nats-io/jetstream";
import { nanos } from "@nats-io/transport-node";
import { durablesOf } from "./partition.ts";
import type { MessagingSettings } from "./settings.ts";
import { differs, found } from "./streams.ts";
import type { ConsumerDeclaration } from "./topology.ts";

/** The metadata of a durable that says to which generation of its consumer it belongs. */
const GENERATION = "kontor-generation";

function tunableOf({ events }: ConsumerDeclaration, settings: MessagingSettings, renamed: Renamed) {
  return {
    filter_subjects: events.flatMap((event) => bothNames(renamed, event)),
    ack_wait: nanos(settings.ackWaitMs),
    max_ack_pending: settings.maxAckPending,
    max_deliver: -1,
  };
}

/** How a durable is brought up to date. */
export interface RewindOptions {
  readonly renamed?: Renamed;
  /** Makes the durable again in any case. Default false. */
  readonly fresh?: boolean;
  /** The generation of a durable that is missing. Default 0. */
  readonly generation?: number;
}

/**
 * Creates the durable if it is missing, and makes it deliver again, in order, all it delivered but has no ack for: messages of an earlier
 * process or connection would otherwise arrive after their successors. The inbox drops processed messages. A durable is created again if
 * another client made it deliver to a subject, or if it lacks a name of a renamed event. A `fresh` one is always created again: requests of
 * its former reader, which may be a hanging process, would otherwise still receive messages.
 */
export async function rewindConsumer(
  jsm: JetStreamManager,
  declaration: ConsumerDeclaration,
  settings: MessagingSettings,
  { renamed = {}, fresh = false, generation = 0 }: RewindOptions = {},
): Promise<ConsumerInfo> {
  const { durable, stream, events } = declaration;
  const tunable = tunableOf(declaration, settings, renamed);
  const fixed = { durable_name: durable, ack_policy: AckPolicy.Explicit };
  const info = await found(jsm.consumers.info(stream, durable), JetStreamApiCodes.ConsumerNotFound);
  const metadata = { [GENERATION]: info?.config.metadata?.[GENERATION] ?? String(generation) };
  if (!info) return jsm.consumers.add(stream, { ...fixed, ...tunable, deliver_policy: DeliverPolicy.All, metadata });
  const regained = namesRegained(info);
  if (regained.length > 0) return (await areThere(regained)) ? recreate() : recreate(info);
  if (fresh || info.config.deliver_subject !== undefined) return recreate(info);
  if (differs(info.config, tunable)) await jsm.consumers.update(stream, durable, tunable);
  if (info.delivered.stream_seq === info.ack_floor.stream_seq) return info;
  try {
    return await jsm.consumers.reset(stream, durable);
  } catch (error) {
    if (error instanceof JetStreamApiError) throw error;
    return recreate(info); // Servers before 2.14 cannot reset.
  }

  /**
   * Recreates the durable at its acknowledged floor, or at the first message. After a crash in between it starts over, which the inbox makes
   * harmless.
   */
  async function recreate(at?: ConsumerInfo): Promise<ConsumerInfo> {
    await jsm.consumers.delete(stream, durable);
    const start = at
      ? { deliver_policy: DeliverPolicy.StartSequence, opt_start_seq: at.ack_floor.stream_seq + 1 }
      : { deliver_policy: DeliverPolicy.All };
    return jsm.consumers.add(stream, { ...fixed, ...tunable, ...start, metadata });
  }
  /** Returns the names that the durable does not receive, of events that it receives by their other name: another version changed it. */
  function namesRegained({ config }: ConsumerInfo): string[] {
    const received = config.filter_subjects ?? [];
    const pairs = events.map((event) => bothNames(renamed, event));
    const halves = pairs.filter((names) => names.some((name) => received.includes(name)));
    return halves.flat().filter((name) => !received.includes(name));
  }
  /** Returns whether the stream has messages of these names. Those below the position of the durable would never be delivered. */
  async function areThere(names: string[]): Promise<boolean> {
    await jsm.consumers.delete(stream, durable);
    const probe = { ...fixed, filter_subjects: names, deliver_policy: DeliverPolicy.All };
    return (await jsm.consumers.add(stream, probe)).num_pending > 0;
  }
}

/** The generation of durables to create, and the one before it. */
export interface NextDurables {
  /** The names of the durables of the generation before. */
  readonly before: readonly string[];
  readonly names: readonly string[];
  readonly generation: number;
  readonly renamed: Renamed;
}

/**
 * Makes the durables of a generation, at the lowest acknowledged floor of those of the generation before: messages that one of them has not
 * settled are delivered again, and the inbox drops the rest. No replica may consume meanwhile. Repeating it after a crash is safe.
 */
export async function makeDurables(
  jsm: JetStreamManager,
  declaration: ConsumerDeclaration,
  settings: MessagingSettings,
  { before, names, generation, renamed }: NextDurables,
): Promise<void> {
  const { stream } = declaration;
  const find = (name: string) => found(jsm.consumers.info(stream, name), JetStreamApiCodes.ConsumerNotFound);
  const floors = await Promise.all(
    [...new Set([...before, ...names])].map(async (name) => {
      const info = await find(name);
      const counts = before.includes(name) || info?.config.metadata?.[GENERATION] === String(generation);
      return counts ? (info?.ack_floor.stream_seq ?? 0) : Number.POSITIVE_INFINITY;
    }),
  );
  const floor = Math.min(...floors);
  const start =
    floor > 0
      ? { deliver_policy: DeliverPolicy.StartSequence, opt_start_seq: floor + 1 }
      : { deliver_policy: DeliverPolicy.All };
  const shared = { ack_policy: AckPolicy.Explicit, ...tunableOf(declaration, settings, renamed), ...start };
  for (const name of names) {
    if (await find(name)) await jsm.consumers.delete(stream, name);
    const metadata = { [GENERATION]: String(generation) };
    await jsm.consumers.add(stream, { durable_name: name, ...shared, metadata });
  }
}

/**
 * Returns the durables from which a consumer is read: its own, or those of its partitions if it is divided. Both exist after it was divided. None
 * if it has not been made yet.
 */
export async function currentDurables(
  jsm: JetStreamManager,
  { durable, stream, maxPartitions = 1 }: ConsumerDeclaration,
): Promise<ConsumerInfo[]> {
  const names = new Set([durable, ...durablesOf(durable, maxPartitions)]);
  const infos = await Promise.all(
    [...names].map((name) => found(jsm.consumers.info(stream, name), JetStreamApiCodes.ConsumerNotFound)),
  );
  const made = infos.flatMap((info) => info ?? []);
  const generationOf = ({ config }: ConsumerInfo) => Number(config.metadata?.[GENERATION] ?? 0);
  const newest = Math.max(0, ...made.map(generationOf));
  return made.filter((info) => generationOf(info) === newest);
}
