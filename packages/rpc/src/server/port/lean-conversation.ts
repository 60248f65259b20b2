import type { ServerStream } from "@kontor/http2";
import { endResponse, endWith, HEAD } from "./lean-status.ts";
import type { Conversation } from "./port.ts";

/** The most responses that wait for a client that does not read. */
const MOST_WAITING = 64;

/** Sends one response for each message of a request. */
export function converse(stream: ServerStream, { respond }: Conversation): void {
  let waiting = 0;
  function fail(code: "INTERNAL" | "RESOURCE_EXHAUSTED", message: string): void {
    endWith(stream, code, message);
    stream.stop();
  }
  stream.head(HEAD);
  stream.receive({
    onMessage(message) {
      let response: Buffer;
      try {
        response = respond(message);
      } catch {
        fail("INTERNAL", "The request cannot be decoded.");
        return;
      }
      waiting = stream.message(response) ? 0 : waiting + 1;
      if (waiting > MOST_WAITING) fail("RESOURCE_EXHAUSTED", "Too many responses wait to be read.");
    },
    onEnd() {
      endResponse(stream, undefined);
      stream.stop();
    },
    onProblem: (problem) =>
      fail(problem === "too large" ? "RESOURCE_EXHAUSTED" : "INTERNAL", `The message is ${problem}.`),
    onCancelled: () => stream.stop(),
  });
}
