import type { DescMessage, MessageShape } from "@bufbuild/protobuf";
import type { Client, Metadata } from "@grpc/grpc-js";
import { type Headers, headersOf } from "../headers.ts";
import type { ChannelCallOptions, MethodOf, UnaryResult } from "./channel-call.ts";
import { codecOf } from "./codec.ts";
import { grpcDeadline } from "./deadline.ts";
import { abortError, failure } from "./failure.ts";
import { toMetadata } from "./metadata.ts";

/** Makes one unary call. */
export function callOnce<I extends DescMessage, O extends DescMessage>(
  client: Client,
  method: MethodOf<I, O>,
  message: MessageShape<I>,
  { metadata, deadline, signal }: ChannelCallOptions,
): Promise<UnaryResult<MessageShape<O>>> {
  const { path, serialize, deserialize } = codecOf(method);
  return new Promise((resolve, reject) => {
    if (signal?.aborted) return reject(abortError(signal));
    let headers: Metadata | undefined;
    const call = client.makeUnaryRequest(
      path,
      serialize,
      deserialize,
      message,
      toMetadata(metadata),
      { deadline: grpcDeadline(deadline) },
      (error, response) => {
        signal?.removeEventListener("abort", cancel);
        if (error || !response) return reject(failure(error, signal));
        resolve({ message: response as MessageShape<O>, headers: headers ? headersOf(headers) : NO_HEADERS });
      },
    );
    const cancel = () => call.cancel();
    signal?.addEventListener("abort", cancel, { once: true });
    call.once("metadata", (received: Metadata) => {
      headers = received;
    });
  });
}

const NO_HEADERS: Headers = { get: () => undefined };
