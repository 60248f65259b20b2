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
  // If the RPC ends first, its status has the reason. If the client's messages end first, the call's signal has it.
  pipeline(messages, duplex as Writable).catch(() => duplex.cancel());
  return duplex;
}
