import type { DescMessage, MessageShape } from "@bufbuild/protobuf";
import type { Client, ClientReadableStream, Metadata, ServiceError } from "@grpc/grpc-js";
import { type Headers, headersOf } from "../headers.ts";
import type { ChannelCallOptions, MethodOf, ServerStream } from "./channel-call.ts";
import { codecOf } from "./codec.ts";
import { grpcDeadline } from "./deadline.ts";
import { failure } from "./failure.ts";
import { toMetadata } from "./metadata.ts";

/** Opens a server stream at once; messages wait, under flow control, until they are read. */
export function openStream<I extends DescMessage, O extends DescMessage>(
  client: Client,
  method: MethodOf<I, O>,
  message: MessageShape<I>,
  { metadata, deadline, signal }: ChannelCallOptions,
): ServerStream<MessageShape<O>> {
  const { path, serialize, deserialize } = codecOf(method);
  const call = client.makeServerStreamRequest(path, serialize, deserialize, message, toMetadata(metadata), {
    deadline: grpcDeadline(deadline),
  });
  const cancel = () => call.cancel();
  if (signal?.aborted) cancel();
  signal?.addEventListener("abort", cancel, { once: true });
  call.once("close", () => signal?.removeEventListener("abort", cancel));

  const headers = new Promise<Headers>((resolve, reject) => {
    call.once("metadata", (received: Metadata) => resolve(headersOf(received)));
    // Never removed: a cancelled stream reports twice, and an error without a listener ends the process.
    call.on("error", (error: ServiceError) => reject(failure(error, signal)));
  });
  // A reader of the messages alone receives the failure there.
  headers.catch(() => {});

  return { headers, [Symbol.asyncIterator]: () => read<MessageShape<O>>(call, signal) };
}

async function* read<M>(call: ClientReadableStream<unknown>, signal: AbortSignal | undefined): AsyncGenerator<M> {
  try {
    for await (const message of call) yield message as M;
  } catch (error) {
    throw failure(error as ServiceError, signal);
  } finally {
    call.cancel();
  }
}
