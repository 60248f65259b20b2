import type { DescMethod } from "@bufbuild/protobuf";
import {
  type ChannelOptions,
  type MethodDefinition,
  Server,
  ServerCredentials,
  type ServerDuplexStream,
  type ServerUnaryCall,
  type ServerWritableStream,
  type sendUnaryData,
} from "@grpc/grpc-js";
import { untouched } from "../../wire.ts";
import { KEEPALIVE_MS, KEEPALIVE_TIMEOUT_MS, type ServerLimits } from "../limits.ts";
import type { RunningCalls } from "../running-calls.ts";
import type { ServedRpc } from "../serve.ts";
import { GrpcJsCall } from "./grpc-js-call.ts";
import type { Conversation, Port, PortOptions } from "./port.ts";

/** Makes a port over grpc-js. */
export function createGrpcJsPort({ rpcs, conversations, limits, running }: PortOptions): Port {
  const server = new Server(channelOptions(limits));
  for (const rpc of rpcs) add(server, rpc, running);
  for (const conversation of conversations) addConversation(server, conversation);
  return {
    listen: (host, port) =>
      new Promise((resolve, reject) =>
        server.bindAsync(
          `${host.includes(":") ? `[${host}]` : host}:${port}`,
          ServerCredentials.createInsecure(),
          (error, bound) => (error ? reject(error) : resolve(bound)),
        ),
      ),
    drain: () => new Promise((resolve) => server.tryShutdown(() => resolve())),
    cut: () => server.forceShutdown(),
  };
}

function add(server: Server, { desc, handle }: ServedRpc, running: RunningCalls): void {
  const handler =
    desc.methodKind === "unary"
      ? (raw: ServerUnaryCall<Buffer, Buffer>, done: sendUnaryData<Buffer>) =>
          handle(new GrpcJsCall(raw, done), running)
      : (raw: ServerWritableStream<Buffer, Buffer>) => handle(new GrpcJsCall(raw), running);
  server.addService({ [desc.name]: definition(desc) }, { [desc.name]: handler });
}

function addConversation(server: Server, { path, respond }: Conversation): void {
  const bytes = { requestSerialize: untouched, requestDeserialize: untouched };
  const both = { ...bytes, responseSerialize: untouched, responseDeserialize: untouched };
  server.addService(
    { respond: { path, requestStream: true, responseStream: true, ...both } },
    {
      respond(stream: ServerDuplexStream<Buffer, Buffer>) {
        stream.on("data", (request: Buffer) => stream.write(respond(request)));
        stream.on("end", () => stream.end());
      },
    },
  );
}

/** The limits by the names of grpc-js. The library itself limits neither streams nor session memory. */
function channelOptions(limits: ServerLimits): ChannelOptions {
  return {
    "grpc.max_concurrent_streams": limits.maxConcurrentStreams,
    "grpc.max_receive_message_length": limits.maxReceiveBytes,
    "grpc-node.max_session_memory": 64,
    "grpc.keepalive_time_ms": KEEPALIVE_MS,
    "grpc.keepalive_timeout_ms": KEEPALIVE_TIMEOUT_MS,
    ...(limits.maxConnectionAgeMs && { "grpc.max_connection_age_ms": limits.maxConnectionAgeMs }),
  };
}

/** Returns a method as grpc-js defines it, with its messages as bytes. */
function definition(desc: DescMethod): MethodDefinition<Buffer, Buffer> {
  return {
    path: `/${desc.parent.typeName}/${desc.name}`,
    requestStream: desc.methodKind === "client_streaming" || desc.methodKind === "bidi_streaming",
    responseStream: desc.methodKind === "server_streaming" || desc.methodKind === "bidi_streaming",
    requestSerialize: untouched,
    requestDeserialize: untouched,
    responseSerialize: untouched,
    responseDeserialize: untouched,
  };
}
