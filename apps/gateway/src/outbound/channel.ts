import type { DescMethod, Message } from "@bufbuild/protobuf";
import type { Answer, Route } from "@kontor/transcoder";
import { openGrpcJsChannel } from "./grpc-js-channel.ts";
import { openHttp2Channel } from "./http2/http2-channel.ts";

/** One call, ready for the wire. */
export interface Outgoing {
  readonly method: DescMethod;
  readonly message: Message;
  /** What takes the place of the message in a call that sends a stream. */
  readonly messages?: AsyncIterable<Message>;
  readonly metadata: Readonly<Record<string, string>>;
  /** In milliseconds since the epoch. */
  readonly deadline: number;
  /** Whether the client chose the deadline, which then says nothing about the upstream. */
  readonly impatient: boolean;
  /** The route that shows the answer, when it is shown as it is: then JSON is made of it without a message between. */
  readonly route?: Route | undefined;
  readonly signal: AbortSignal;
}

/** How a connection is; `unreachable` when the last attempt to connect failed. */
export type Readiness = "ready" | "connecting" | "unreachable";

/** A connection to one endpoint. */
export interface Channel {
  /** Reading it begins to connect, if that has not begun. */
  readiness(): Readiness;
  /** @throws RpcError */
  unary(call: Outgoing): Promise<Answer>;
  /** Any call that streams. @throws RpcError while iterating. The end of the iteration cancels the call. */
  serverStream(call: Outgoing): AsyncGenerator<Message>;
  close(): void;
}

/** What makes unary calls: our own client over HTTP/2, or the library that streams need anyway. */
export type GrpcClient = "http2" | "grpc-js";

/** Opens a channel to `host:port`. It connects on first use; for streams, which go over grpc-js, once more. */
export function openChannel(address: string, client: GrpcClient): Channel {
  const library = openGrpcJsChannel(address);
  if (client === "grpc-js") return library;
  const { readiness, unary, close } = openHttp2Channel(address);
  return {
    readiness,
    unary,
    serverStream: library.serverStream,
    close() {
      close();
      library.close();
    },
  };
}
