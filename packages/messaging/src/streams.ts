import { bothNames, type Renamed } from "@kontor/nats";
import {
  AckPolicy,
  type ConsumerInfo,
  DeliverPolicy,
  DiscardPolicy,
  JetStreamApiCodes,
  JetStreamApiError,
  type JetStreamManager,
  RetentionPolicy,
  StorageType,
  type StreamInfo,
  type StreamUpdateConfig,
} from "@nats-io/jetstream";
import { nanos } from "@nats-io/transport-node";
import type { MessagingSettings } from "./settings.ts";
import { TooFewServersError, withCopies } from "./too-few-servers.ts";
import { type ConsumerDeclaration, type Stream, subjectsOf } from "./topology.ts";

/** What {@link ensureStream} may use, and what it calls with what it finds. */
export interface StreamOptions {
  /** Version of the server. From 2.12 on the stream takes atomic batches. Default: unknown. */
  readonly serverVersion?: string | undefined;
  readonly onTooFew?: (error: TooFewServersError) => void;
  readonly onForeign?: (settings: readonly string[]) => void;
}

/** An update leaves out what is undefined, so that the server removes it. */
const NO_COPYING = { mirror: undefined, sources: undefined, republish: undefined, subject_transform: undefined };

/**
 * Creates the stream of a service if it is missing, or brings it up to date. It never removes replicas: two releases would do
 * so in turn. A stream that cannot have as many as it should keeps those it has, and `onTooFew` is called. Settings that make a stream
 * copy events from or to other subjects are removed, and `onForeign` is called with their names: who holds the credentials of the
 * service could read and forge the events of others by them.
 */
export async function ensureStream(
  jsm: JetStreamManager,
  stream: Stream,
  settings: MessagingSettings,
  { serverVersion, onTooFew, onForeign }: StreamOptions = {},
): Promise<StreamInfo> {
  const tunable = {
    subjects: subjectsOf(stream),
    max_age: nanos(settings.streamMaxAgeMs),
    duplicate_window: nanos(settings.duplicateWindowMs),
    ...(takesBatches(serverVersion) ? { allow_atomic: true } : {}),
  };
  const info = await found(jsm.streams.info(stream.name), JetStreamApiCodes.StreamNotFound);
  if (!info) {
    const fixed = { storage: StorageType.File, retention: RetentionPolicy.Limits, discard: DiscardPolicy.Old };
    return withCopies(stream.name, settings.replicas, () =>
      jsm.streams.add({ name: stream.name, ...fixed, ...tunable, num_replicas: settings.replicas }),
    );
  }
  const foreign = Object.keys(NO_COPYING).filter((name) => name in info.config);
  if (foreign.length > 0) onForeign?.(foreign);
  const update = (wanted: object) => jsm.streams.update(stream.name, wanted as Partial<StreamUpdateConfig>);
  const kept = { ...tunable, ...NO_COPYING };
  const wanted = { ...kept, num_replicas: Math.max(settings.replicas, info.config.num_replicas) };
  if (!differs(info.config, wanted)) return info;
  try {
    return await withCopies(stream.name, settings.replicas, () => update(wanted));
  } catch (error) {
    if (!(error instanceof TooFewServersError && onTooFew)) throw error;
    onTooFew(error);
    return differs(info.config, kept) ? update(kept) : info;
  }
}

/**
 * Creates the durable if it is missing, and makes it deliver again, in order, all it delivered but has no ack for: what an
 * earlier process or connection held would otherwise come after its successors. The inbox drops what was done. A durable that another
 * client made deliver to a subject is made again, and so is one that lacks one of the names of a renamed event.
 */
export async function rewindConsumer(
  jsm: JetStreamManager,
  { durable, stream, events }: ConsumerDeclaration,
  settings: MessagingSettings,
  renamed: Renamed = {},
): Promise<ConsumerInfo> {
  const tunable = {
    filter_subjects: events.flatMap((event) => bothNames(renamed, event)),
    ack_wait: nanos(settings.ackWaitMs),
    max_ack_pending: settings.maxAckPending,
    max_deliver: -1,
  };
  const fixed = { durable_name: durable, ack_policy: AckPolicy.Explicit };
  const info = await found(jsm.consumers.info(stream, durable), JetStreamApiCodes.ConsumerNotFound);
  if (!info) return jsm.consumers.add(stream, { ...fixed, ...tunable, deliver_policy: DeliverPolicy.All });
  if (info.config.deliver_subject !== undefined) return recreate(info);
  const regained = namesRegained(info);
  if (regained.length > 0) return (await areThere(regained)) ? recreate() : recreate(info);
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
    return jsm.consumers.add(stream, { ...fixed, ...tunable, ...start });
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

/** Returns whether the server has atomic batches. One before 2.12 would drop the setting, or refuse it. */
function takesBatches(serverVersion = ""): boolean {
  const [major = 0, minor = 0] = serverVersion.split(".").map(Number);
  return major > 2 || (major === 2 && minor >= 12);
}

async function found<T>(request: Promise<T>, absent: number): Promise<T | undefined> {
  try {
    return await request;
  } catch (error) {
    if (error instanceof JetStreamApiError && error.code === absent) return undefined;
    throw error;
  }
}

function differs(actual: object, wanted: Record<string, unknown>): boolean {
  const have = actual as Record<string, unknown>;
  return Object.entries(wanted).some(([name, value]) => JSON.stringify(have[name]) !== JSON.stringify(value));
}
