import { setTimeout as pause } from "node:timers/promises";
import { ApiError, type ApiServer, type SliceEvent } from "./api-server.ts";
import type { EndpointSlice } from "./endpoint-slice.ts";

/** Receives the slices of a Service. */
export interface SliceObserver {
  /** All slices there are now. */
  changed(slices: Iterable<EndpointSlice>): void;
  /** Called when the API server is unreachable; the known slices remain. The watch retries. */
  failed(error: unknown): void;
}

const FIRST_PAUSE_MS = 200;
const LONGEST_PAUSE_MS = 10_000;
const LIST_AGAIN_MS = 10 * 60_000;

/**
 * Follows the slices of a Service until aborted: lists them, then watches from that version on, as in
 * https://kubernetes.io/docs/reference/using-api/api-concepts/#efficient-detection-of-changes. A version that is too old (410 Gone) leads
 * to a new list; so do ten minutes. Failures are retried with full jitter.
 */
export async function watchSlices(
  api: ApiServer,
  { namespace, service }: { readonly namespace: string; readonly service: string },
  observer: SliceObserver,
  signal: AbortSignal,
): Promise<void> {
  const slices = new Map<string, EndpointSlice>();
  let version: string | undefined;
  let listedAt = 0;
  let failures = 0;

  async function list(): Promise<string> {
    const { items, resourceVersion } = await api.list(namespace, service, signal);
    slices.clear();
    for (const slice of items) slices.set(nameOf(slice), slice);
    listedAt = performance.now();
    observer.changed(slices.values());
    return resourceVersion;
  }

  function take({ type, object }: SliceEvent): void {
    if (signal.aborted || version === undefined) return;
    if (type === "ERROR") {
      version = undefined;
      return;
    }
    failures = 0;
    version = object.metadata?.resourceVersion ?? version;
    if (type === "BOOKMARK") return;
    if (type === "DELETED") slices.delete(nameOf(object));
    else slices.set(nameOf(object), object);
    observer.changed(slices.values());
  }

  while (!signal.aborted) {
    const startedAt = performance.now();
    try {
      if (startedAt - listedAt > LIST_AGAIN_MS) version = undefined;
      version ??= await list();
      await api.watch(namespace, service, version, take, signal);
      if (version !== undefined && performance.now() - startedAt > FIRST_PAUSE_MS) failures = 0;
      else failures++;
    } catch (error) {
      if (signal.aborted) return;
      failures++;
      if (error instanceof ApiError && error.status === 410) version = undefined;
      else observer.failed(error);
    }
    if (failures > 0) await rest(failures, signal);
  }
}

/** Waits the longer the more often it failed, with full jitter, or until aborted. */
export function rest(failures: number, signal: AbortSignal): Promise<unknown> {
  const longest = Math.min(LONGEST_PAUSE_MS, FIRST_PAUSE_MS * 2 ** Math.min(failures - 1, 10));
  return pause(Math.random() * longest, undefined, { signal, ref: false }).catch(() => undefined);
}

const nameOf = ({ metadata }: EndpointSlice) => metadata?.name ?? "";
