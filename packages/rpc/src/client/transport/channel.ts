import type { Message } from "@bufbuild/protobuf";
import { inProcessService } from "../../in-process/address.ts";
import { openInProcessChannel } from "../../in-process/in-process-channel.ts";
import { openGrpcJsChannel } from "./grpc-js/grpc-js-channel.ts";
import { openConnection } from "./http2/connection.ts";
import { Http2Call } from "./http2/http2-call.ts";
import { LeanCall } from "./lean/lean-call.ts";
import { connectLean } from "./lean/lean-connection.ts";
import type { StreamCall, UnaryCall } from "./outgoing-call.ts";
import { openQueuedChannel, type UnaryChannel } from "./unary/queued-channel.ts";

/** The state of a connection; `unreachable` when the last attempt to connect failed. */
export type Readiness = "ready" | "connecting" | "unreachable";

/** A connection to one endpoint. */
export interface Channel {
  /** Reading it starts to connect, if that has not started. */
  readiness(): Readiness;
  /** @throws CallFailure */
  unary<R>(call: UnaryCall<R>): Promise<R>;
  /** Makes any call that streams. @throws CallFailure while iterating. The end of the iteration cancels the call. */
  stream(call: StreamCall): AsyncGenerator<Message>;
  close(): void;
}

/** The transport of unary calls: Kontor's own HTTP/2, a client on node:http2, or grpc-js. Streams always use grpc-js. */
export type Transport = "lean" | "http2" | "grpc-js";

/** Opens a channel to `host:port` that makes unary calls over HTTP/2. */
export function openUnaryChannel(address: string, transport: Exclude<Transport, "grpc-js">): UnaryChannel {
  if (transport === "lean")
    return openQueuedChannel(address, { connect: connectLean, createCall: (call, queue) => new LeanCall(call, queue) });
  return openQueuedChannel(address, {
    connect: openConnection,
    createCall: (call, queue) => new Http2Call(call, queue),
  });
}

/**
 * Opens a channel to `host:port`, or to `in-process:///service` of this process. It connects on first use; for streams, which use
 * grpc-js, a second time.
 */
export function openChannel(address: string, transport: Transport): Channel {
  const service = inProcessService(address);
  if (service !== undefined) return openInProcessChannel(service);
  let opened: Channel | undefined;
  const library = () => {
    opened ??= openGrpcJsChannel(address);
    return opened;
  };
  if (transport === "grpc-js") return library();
  const { readiness, unary, close } = openUnaryChannel(address, transport);
  return {
    readiness,
    unary,
    stream: (call) => library().stream(call),
    close() {
      close();
      opened?.close();
    },
  };
}
