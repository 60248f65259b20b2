import type { Writable } from "node:stream";
import { pipeline } from "node:stream/promises";
import type { Message } from "@bufbuild/protobuf";
import type { Client, ClientDuplexStream, ClientReadableStream, Metadata } from "@grpc/grpc-js";
import { codecOf } from "../codec.ts";
import type { StreamCall } from "../outgoing-call.ts";

/** Starts a call whose response is read as a stream. Messages of the client are sent as fast as the callee accepts them. */
export function openStream(client: Client, call: StreamCall, metadata: Metadata): ClientReadableStream<Message> {
  const { path, serialize, deserialize } = codecOf(call.method);
  const options = { deadline: call.deadline };
  const { messages } = call;
  if (messages === undefined) {
    return client.makeServerStreamRequest(path, serialize, deserialize, call.message, metadata, options);
  }
  const duplex: ClientDuplexStream<Message, Message> = client.makeBidiStreamRequest(
    path,
    serialize,
    deserialize,
    metadata,
    options,
  );
  // When the RPC ends first, its status says why. When the client's messages do, the call's signal does.
  pipeline(messages, duplex as Writable).catch(() => duplex.cancel());
  return duplex;
}
