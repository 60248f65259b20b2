import { createHttp2Server, fieldOf, type RequestReceiver, type ServerStream } from "@kontor/http2";
import { KEEPALIVE_MS, KEEPALIVE_TIMEOUT_MS } from "../limits.ts";
import { LeanCall } from "./lean-call.ts";
import { converse } from "./lean-conversation.ts";
import { endWith, HEAD } from "./lean-status.ts";
import type { Port, PortOptions } from "./port.ts";

/** Serves one request. */
type Serve = (stream: ServerStream) => void;

/** Makes a port over our own HTTP/2. */
export function createLeanPort({ rpcs, conversations, limits, running }: PortOptions): Port {
  const byPath = new Map<string, Serve>();
  for (const { desc, handle } of rpcs)
    byPath.set(`/${desc.parent.typeName}/${desc.name}`, (stream) => {
      stream.receive(new LeanCall(stream, limits.maxReceiveBytes, (call) => handle(call, running)));
    });
  for (const conversation of conversations) byPath.set(conversation.path, (stream) => converse(stream, conversation));
  const server = createHttp2Server(
    {
      maxConcurrentStreams: limits.maxConcurrentStreams,
      maxMessageBytes: limits.maxReceiveBytes,
      keepAliveMs: KEEPALIVE_MS,
      keepAliveTimeoutMs: KEEPALIVE_TIMEOUT_MS,
      maxConnectionAgeMs: limits.maxConnectionAgeMs,
    },
    (stream) => {
      const refusal = refusalOf(stream);
      const path = fieldOf(stream.fields, ":path") ?? "";
      const serve = byPath.get(path);
      if (refusal !== undefined) refuse(stream, refusal);
      else if (serve === undefined) refuse(stream, () => endWith(stream, "UNIMPLEMENTED", `There is no RPC ${path}.`));
      else serve(stream);
    },
  );
  return { listen: server.listen, drain: server.drain, cut: server.destroy };
}

/** Returns a function that refuses a request that is not gRPC; undefined for a gRPC request. */
function refusalOf(stream: ServerStream): (() => void) | undefined {
  const { fields } = stream;
  if (stream.fieldsTooLarge) return () => endWith(stream, "RESOURCE_EXHAUSTED", "Received metadata larger than max");
  if (fieldOf(fields, ":method") !== "POST") return () => stream.text([":status", "405", "allow", "POST"], ONLY_GRPC);
  const isGrpc = fieldOf(fields, "content-type")?.startsWith("application/grpc") ?? false;
  return isGrpc ? undefined : () => stream.text([":status", "415"], ONLY_GRPC);
}

const ONLY_GRPC = `This port serves ${HEAD[3]} only.`;

/** Sends a refusal once the request has ended, so that a client which is still sending reads it. */
function refuse(stream: ServerStream, send: () => void): void {
  const end = () => {
    send();
    stream.stop();
  };
  const receiver: RequestReceiver = { onMessage() {}, onEnd: end, onProblem: end, onCancelled: () => stream.stop() };
  stream.receive(receiver);
}
