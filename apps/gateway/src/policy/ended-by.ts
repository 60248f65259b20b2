import type { EdgeCall } from "@kontor/transcoder";

/** The symbol of a call that ends with this controller and no longer with its client. */
export function endedBy(controller: AbortController): Pick<EdgeCall, "signal" | "abort"> {
  return { signal: controller.signal, abort: (reason) => controller.abort(reason) };
}
