import type { Writable } from "node:stream";
import { pipeline } from "node:stream/promises";
import type { Message } from "@bufbuild/protobuf";
import {
  Client,
  type ClientDuplexStream,
  type ClientReadableStream,
  connectivityState,
  credentials,
  Metadata,
  type ServiceError,
  status as Status,
  type StatusObject,
} from "@grpc/grpc-js";
import { CallFailure } from "../../call-failure.ts";
import type { Channel, Readiness } from "../channel.ts";
import { codecOf } from "../codec.ts";
import type { StreamCall, UnaryCall } from "../outgoing-call.ts";
import { failureOf } from "./status-failure.ts";

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

/** Opens a channel to `host:port` by the library that every other language is tested against. It connects on first use. */
export function openGrpcJsChannel(address: string): Channel {
  const client = new Client(address, credentials.createInsecure(), channelOptions);
  return {
    readiness: () => readinessOf(client),
    unary: (call) => unary(client, call),
    stream: (call) => stream(client, call),
    close: () => client.close(),
  };
}

function readinessOf(client: Client): Readiness {
  const channel = client.getChannel();
  const state = channel.getConnectivityState(false);
  if (state === connectivityState.READY) return "ready";
  if (state === connectivityState.IDLE) channel.getConnectivityState(true);
  return state === connectivityState.TRANSIENT_FAILURE ? "unreachable" : "connecting";
}

function unary<R>(client: Client, outgoing: UnaryCall<R>): Promise<R> {
  const { method, message, metadata, deadline, signal } = outgoing;
  const { promise, resolve, reject } = Promise.withResolvers<R>();
  if (signal?.aborted) return Promise.reject(signal.reason);
  const { path, serialize } = codecOf(method);
  let headers: Metadata | undefined;
  let bytes: Buffer | undefined;
  const call = client.getChannel().createCall(path, deadline, null, null, null);
  const cancel = () => call.cancelWithStatus(Status.CANCELLED, "Cancelled on client");
  signal?.addEventListener("abort", cancel, { once: true });
  call.start(toMetadata(metadata), {
    onReceiveMetadata(received) {
      headers = received;
    },
    onReceiveMessage(received: Buffer | null) {
      if (received === null) return;
      if (bytes !== undefined) return call.cancelWithStatus(Status.UNIMPLEMENTED, "Too many responses received");
      bytes = received;
      call.startRead(); // The status comes only once nothing is left to read.
    },
    onReceiveStatus(status) {
      signal?.removeEventListener("abort", cancel);
      if (status.code !== 0) return reject(failure(status, signal, headers !== undefined));
      if (bytes === undefined)
        return reject(new CallFailure(Status.UNIMPLEMENTED, "The response has no message.", { transport: true }));
      try {
        resolve(outgoing.read(bytes, headers?.getMap()));
      } catch (cause) {
        const what = "The response cannot be decoded.";
        reject(new CallFailure(Status.INTERNAL, what, { transport: true, cause }));
      }
    },
  });
  call.sendMessageWithContext({}, serialize(message));
  call.startRead();
  call.halfClose();
  return promise;
}

async function* stream(client: Client, outgoing: StreamCall): AsyncGenerator<Message> {
  const { metadata, signal } = outgoing;
  signal?.throwIfAborted();
  const call = openStream(client, outgoing, toMetadata(metadata));
  const cancel = () => call.cancel();
  signal?.addEventListener("abort", cancel, { once: true });
  let began = false;
  call.once("metadata", (received: Metadata) => {
    began = true;
    outgoing.onHeaders?.(received.getMap());
  });
  try {
    yield* call as AsyncIterable<Message>;
  } catch (error) {
    throw failure(error as ServiceError, signal, began);
  } finally {
    signal?.removeEventListener("abort", cancel);
    call.cancel();
  }
}

function failure(error: ServiceError | StatusObject, signal: AbortSignal | undefined, began: boolean): unknown {
  return signal?.aborted ? signal.reason : failureOf(error, began);
}

function toMetadata(entries: Readonly<Record<string, string>>): Metadata {
  const metadata = new Metadata();
  for (const [name, value] of Object.entries(entries)) metadata.set(name, value);
  return metadata;
}

/** Starts a call whose response is read as a stream. Messages of the client are sent as fast as the callee accepts them. */
function openStream(client: Client, call: StreamCall, metadata: Metadata): ClientReadableStream<Message> {
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
