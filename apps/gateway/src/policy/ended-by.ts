import type { EdgeCall } from "@kontor/transcoder";

/** What makes a call end with this controller and no longer with its client. */
export function endedBy(controller: AbortController): Pick<EdgeCall, "signal" | "abort"> {
  return { signal: controller.signal, abort: (reason) => controller.abort(reason) };
}
