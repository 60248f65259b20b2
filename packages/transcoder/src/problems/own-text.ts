import { Status } from "./code.ts";
import type { RpcError } from "./rpc-error.ts";
import { say, type Text, type TextCode } from "./text.ts";

/** The text that replaces those of gRPC libraries, which contain addresses and methods. */
const ownTexts: Readonly<Record<number, TextCode & keyof typeof libraryTexts>> = {
  [Status.CANCELLED]: "CANCELLED",
  [Status.DEADLINE_EXCEEDED]: "DEADLINE_EXCEEDED",
  [Status.RESOURCE_EXHAUSTED]: "TOO_LARGE_REQUEST",
  [Status.UNAVAILABLE]: "UNAVAILABLE",
  [Status.UNIMPLEMENTED]: "UNIMPLEMENTED",
};

/** The beginnings of such texts. Other texts come from the upstream itself and are kept. */
const libraryTexts = {
  CANCELLED: /^/,
  DEADLINE_EXCEEDED: /^/,
  TOO_LARGE_REQUEST: /^(Received message larger|Sent message larger|grpc: received message larger)/i,
  UNAVAILABLE: /^/,
  UNIMPLEMENTED: /^(The server does not implement|unknown (method|service)|Method not found)|^$/i,
} as const;

/** Returns the text of a failure that no upstream explained; undefined if its message is one. `silent` hides any message. */
export function ownText({ code, details, message }: RpcError, silent: boolean): Text | undefined {
  const own = ownTexts[code];
  const isSafe = own === "CANCELLED" || own === "DEADLINE_EXCEEDED" || own === "UNAVAILABLE";
  if (silent) return say(isSafe ? own : "INTERNAL");
  return details.length === 0 && own !== undefined && libraryTexts[own].test(message) ? say(own) : undefined;
}
