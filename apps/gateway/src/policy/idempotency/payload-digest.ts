import { createHash } from "node:crypto";
import { type JsonValue, type Registry, toJson } from "@bufbuild/protobuf";
import type { Call } from "@kontor/transcoder";

/** Returns a digest of a request: equal for equal messages on a route, in any spelling. */
export function payloadDigest({ method, message, found }: Call, registry: Registry): string {
  const json = toJson(method.input, message, { registry });
  const { httpMethod, pattern } = found.route;
  return createHash("sha256")
    .update(JSON.stringify([httpMethod, pattern, sorted(json)]))
    .digest("base64url");
}

/** Keys of maps have no order, so they are given one. */
function sorted(json: JsonValue): JsonValue {
  if (Array.isArray(json)) return json.map(sorted);
  if (typeof json !== "object" || json === null) return json;
  const entries = Object.entries(json).sort(([one], [other]) => (one < other ? -1 : 1));
  return Object.fromEntries(entries.map(([key, value]) => [key, sorted(value)]));
}
