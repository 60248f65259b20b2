import type { DescMethod, Message } from "@bufbuild/protobuf";
import { Client, type ClientReadableStream, credentials, Metadata, type ServiceError } from "@grpc/grpc-js";
import { type Answer, RpcError, Status } from "@kontor/transcoder";
import { codecOf } from "./codec.ts";
import { rpcError } from "./status-error.ts";

/** One call, ready for the wire. */
export interface Outgoing {
  readonly method: DescMethod;
  readonly message: Message;
  readonly metadata: Readonly<Record<string, string>>;
  /** In milliseconds since the epoch. */
  readonly deadline: number;
  readonly signal: AbortSignal;
}

/** A connection to one upstream. */
export interface Channel {
  /** @throws RpcError */
  unary(call: Outgoing): Promise<Answer>;
  /** @throws RpcError while iterating. The end of the iteration cancels the call. */
  serverStream(call: Outgoing): AsyncGenerator<Message>;
  close(): void;
}

const channelOptions = {
  "grpc.max_receive_message_length": 16 * 1024 * 1024,
  "grpc.keepalive_time_ms": 20_000,
  "grpc.keepalive_timeout_ms": 5_000,
  "grpc.initial_reconnect_backoff_ms": 100,
  "grpc.max_reconnect_backoff_ms": 2_000,
  "grpc.enable_retries": 0,
  "grpc.service_config_disable_resolution": 1,
  "grpc.enable_http_proxy": 0,
};

/** Opens a channel to `host:port`. It connects on first use. */
export function openChannel(address: string): Channel {
  const client = new Client(address, credentials.createInsecure(), channelOptions);
  return {
    unary: (call) => unary(client, call),
    serverStream: (call) => serverStream(client, call),
    close: () => client.close(),
  };
}

function unary(client: Client, { method, message, metadata, deadline, signal }: Outgoing): Promise<Answer> {
  const { promise, resolve, reject } = Promise.withResolvers<Answer>();
  if (signal.aborted) return Promise.reject(signal.reason);
  const { path, serialize, deserialize } = codecOf(method);
  let headers = new Metadata();
  const call = client.makeUnaryRequest(
    path,
    serialize,
    deserialize,
    message,
    toMetadata(metadata),
    { deadline },
    (error, answer) => {
      signal.removeEventListener("abort", cancel);
      if (error) reject(failure(error, signal));
      else if (answer === undefined) reject(new RpcError(Status.INTERNAL, "", { transport: true }));
      else resolve({ message: answer, headers: answerHeaders(headers) });
    },
  );
  const cancel = () => call.cancel();
  signal.addEventListener("abort", cancel, { once: true });
  call.once("metadata", (received: Metadata) => {
    headers = received;
  });
  return promise;
}

async function* serverStream(
  client: Client,
  { method, message, metadata, deadline, signal }: Outgoing,
): AsyncGenerator<Message> {
  signal.throwIfAborted();
  const { path, serialize, deserialize } = codecOf(method);
  const call: ClientReadableStream<Message> = client.makeServerStreamRequest(
    path,
    serialize,
    deserialize,
    message,
    toMetadata(metadata),
    { deadline },
  );
  const cancel = () => call.cancel();
  signal.addEventListener("abort", cancel, { once: true });
  try {
    yield* call as AsyncIterable<Message>;
  } catch (error) {
    throw failure(error as ServiceError, signal);
  } finally {
    signal.removeEventListener("abort", cancel);
    call.cancel();
  }
}

/** Response metadata that clients see as headers. */
const shown = new Map([["idempotent-replayed", "Idempotent-Replayed"]]);

function answerHeaders(metadata: Metadata): Record<string, string> {
  const headers: Record<string, string> = {};
  for (const [name, header] of shown) {
    const [value] = metadata.get(name);
    if (typeof value === "string") headers[header] = value;
  }
  return headers;
}

function failure(error: ServiceError, signal: AbortSignal): unknown {
  return signal.aborted ? signal.reason : rpcError(error);
}

function toMetadata(entries: Readonly<Record<string, string>>): Metadata {
  const metadata = new Metadata();
  for (const [name, value] of Object.entries(entries)) metadata.set(name, value);
  return metadata;
}
