import {
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
import { type Stream, subjectsOf } from "./topology.ts";

/** The dependencies of {@link ensureStream}, and the functions that receive its findings. */
export interface StreamOptions {
  /** Version of the server. From 2.12 on the stream takes atomic batches. Default: unknown. */
  readonly serverVersion?: string | undefined;
  readonly onTooFew?: (error: TooFewServersError) => void;
  readonly onForeign?: (settings: readonly string[]) => void;
}

/** An update omits undefined values, so that the server removes them. */
const NO_COPYING = { mirror: undefined, sources: undefined, republish: undefined, subject_transform: undefined };

/**
 * Creates the stream of a service if it is missing, or brings it up to date. It never removes replicas: two releases would do so in turn. A
 * stream that cannot have all its replicas keeps its present ones, and `onTooFew` is called. Settings that make a stream copy events from
 * or to other subjects are removed, and `onForeign` is called with their names: a client with the service's credentials could use them to
 * read and forge the events of others.
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

/** Returns whether the server has atomic batches. One before 2.12 would drop the setting, or refuse it. */
function takesBatches(serverVersion = ""): boolean {
  const [major = 0, minor = 0] = serverVersion.split(".").map(Number);
  return major > 2 || (major === 2 && minor >= 12);
}

/** Returns the response, or undefined if the requested object does not exist. */
export async function found<T>(request: Promise<T>, absent: number): Promise<T | undefined> {
  try {
    return await request;
  } catch (error) {
    if (error instanceof JetStreamApiError && error.code === absent) return undefined;
    throw error;
  }
}

/** Returns whether a setting differs from the one wanted. */
export function differs(actual: object, wanted: Record<string, unknown>): boolean {
  const have = actual as Record<string, unknown>;
  return Object.entries(wanted).some(([name, value]) => JSON.stringify(have[name]) !== JSON.stringify(value));
}
