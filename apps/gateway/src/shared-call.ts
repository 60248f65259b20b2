import { type Call, changedCall, type EdgeCall } from "@kontor/transcoder";

const visible = Symbol("visible headers");
type Shared<C> = C & { readonly [visible]?: readonly string[] };

/**
 * Returns a call whose response several clients share. Its upstream receives these headers of the request, which all of them sent
 * alike, and nothing else about the client.
 */
export function sharedCall(call: Call, headers: readonly string[]): Call {
  const changes: Shared<Partial<Call>> = { [visible]: headers };
  return changedCall(call, changes);
}

/** Returns whether several clients share the response of a call. */
export function isShared(call: Shared<EdgeCall>): boolean {
  return call[visible] !== undefined;
}

/** Returns whether the upstream of a call may receive a header of its request. `header` is in lower case. */
export function isVisible(call: Shared<EdgeCall>, header: string): boolean {
  return call[visible]?.includes(header) ?? true;
}
