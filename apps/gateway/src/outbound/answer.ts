import { type DescMethod, fromBinary } from "@bufbuild/protobuf";
import type { ResponseHeaders } from "@kontor/rpc";
import { type Answer, jsonOfAnswer, type Route } from "@kontor/transcoder";

/** Response metadata that clients receive as headers. */
const shown = [["idempotent-replayed", "Idempotent-Replayed"]] as const;

/** Returns the answer with the bytes of a response: as JSON, if the route shows all of it. @throws Error when the bytes are no message */
export function answerOf(
  { output }: DescMethod,
  route: Route | undefined,
  bytes: Uint8Array,
  metadata: ResponseHeaders | undefined,
): Answer {
  const headers = metadata && headersOf(metadata);
  const json = route && jsonOfAnswer(route, bytes);
  if (json === undefined) return { message: fromBinary(output, bytes), ...(headers && { headers }) };
  return {
    json,
    wire: bytes,
    ...(headers && { headers }),
    get message() {
      return fromBinary(output, bytes);
    },
  };
}

function headersOf(metadata: ResponseHeaders): Record<string, string> | undefined {
  let headers: Record<string, string> | undefined;
  for (const [name, header] of shown) {
    const value = metadata[name];
    if (typeof value === "string") headers = { ...headers, [header]: value };
  }
  return headers;
}
