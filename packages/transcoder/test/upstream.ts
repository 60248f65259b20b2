import type { Writable } from "node:stream";
import { pipeline } from "node:stream/promises";
import {
  type DescMethod,
  fromBinary,
  type JsonValue,
  type Message,
  fromBinary as statusFromBinary,
  toBinary,
} from "@bufbuild/protobuf";
import {
  Client,
  credentials,
  Metadata,
  type MethodDefinition,
  Server,
  ServerCredentials,
  type ServerDuplexStream,
  type ServerReadableStream,
  type ServerUnaryCall,
  type ServerWritableStream,
  type ServiceError,
  type StatusObject,
  type sendUnaryData,
} from "@grpc/grpc-js";
import { StatusSchema } from "../src/gen/google/rpc/status_pb.ts";
import type { BidiStreamInvoker, Call, ClientStreamInvoker, Invoker, StreamCall, StreamInvoker } from "../src/index.ts";
import { RpcError } from "../src/index.ts";
import { jsonOf, messageFrom, service } from "./library.ts";

/** The responses of the upstream, by the name of the RPC. Streams return an iterable. */
export type Script = (rpc: string, request: Message) => JsonValue | AsyncIterable<JsonValue> | Promise<JsonValue>;

/** A real gRPC server on loopback that records its calls. */
export interface Upstream {
  readonly seen: { rpc: string; request: JsonValue }[];
  readonly cancelled: string[];
  script: Script;
  readonly invoke: Invoker;
  readonly invokeStream: StreamInvoker;
  readonly invokeClientStream: ClientStreamInvoker;
  readonly invokeBidiStream: BidiStreamInvoker;
  stop(): Promise<void>;
}

export async function startUpstream(): Promise<Upstream> {
  const seen: Upstream["seen"] = [];
  const cancelled: string[] = [];
  const upstream = { script: ((_, request) => jsonOf(request)) as Script };
  const server = new Server();
  const note = (method: DescMethod, request: Message) => seen.push({ rpc: method.name, request: jsonOf(request) });
  const unary =
    (method: DescMethod) => async (call: ServerUnaryCall<Message, Message>, done: sendUnaryData<Message>) => {
      note(method, call.request);
      call.on("cancelled", () => cancelled.push(method.name));
      try {
        done(
          null,
          messageFrom(method.output.typeName, (await upstream.script(method.name, call.request)) as JsonValue),
        );
      } catch (error) {
        done(error as Partial<StatusObject>);
      }
    };
  const stream = (method: DescMethod) => async (call: ServerWritableStream<Message, Message>) => {
    note(method, call.request);
    call.on("cancelled", () => cancelled.push(method.name));
    try {
      for await (const item of upstream.script(method.name, call.request) as AsyncIterable<JsonValue>) {
        if (call.cancelled) return;
        if (!call.write(messageFrom(method.output.typeName, item))) {
          await new Promise((resolve) => call.once("drain", resolve).once("cancelled", resolve));
        }
      }
      call.end();
    } catch (error) {
      call.emit("error", error);
    }
  };
  const clientStream =
    (method: DescMethod) => async (call: ServerReadableStream<Message, Message>, done: sendUnaryData<Message>) => {
      call.on("cancelled", () => cancelled.push(method.name));
      let count = 0;
      try {
        for await (const request of call) {
          note(method, request);
          count++;
          await upstream.script(method.name, request);
        }
        done(null, messageFrom(method.output.typeName, { count }));
      } catch (error) {
        done(error as Partial<StatusObject>);
      }
    };
  const bidiStream = (method: DescMethod) => async (call: ServerDuplexStream<Message, Message>) => {
    call.on("cancelled", () => cancelled.push(method.name));
    call.on("error", () => {});
    try {
      for await (const request of call.iterator({ destroyOnReturn: false })) {
        note(method, request);
        const answer = (await upstream.script(method.name, request)) as JsonValue;
        if (!call.write(messageFrom(method.output.typeName, answer))) {
          await new Promise((resolve) => call.once("drain", resolve).once("cancelled", resolve));
        }
      }
      call.end();
    } catch (error) {
      if (!call.cancelled) call.emit("error", error);
    }
  };
  const handlers = {
    unary,
    server_streaming: stream,
    client_streaming: clientStream,
    bidi_streaming: bidiStream,
  };
  const definition = Object.fromEntries(service().methods.map((m) => [m.name, definitionOf(m)]));
  server.addService(definition, Object.fromEntries(service().methods.map((m) => [m.name, handlers[m.methodKind](m)])));
  const port = await new Promise<number>((resolve, reject) => {
    server.bindAsync("127.0.0.1:0", ServerCredentials.createInsecure(), (error, bound) =>
      error ? reject(error) : resolve(bound),
    );
  });
  const client = new Client(`127.0.0.1:${port}`, credentials.createInsecure());
  return Object.assign(upstream, {
    seen,
    cancelled,
    invoke: (call: Call) => callUnary(client, call),
    invokeStream: (call: Call) => callStream(client, call),
    invokeClientStream: (call: StreamCall) => callClientStream(client, call),
    invokeBidiStream: (call: StreamCall) => callBidiStream(client, call),
    async stop() {
      client.close();
      server.forceShutdown();
    },
  });
}

function definitionOf(method: DescMethod): MethodDefinition<Message, Message> {
  return {
    path: `/${method.parent.typeName}/${method.name}`,
    requestStream: method.methodKind === "client_streaming" || method.methodKind === "bidi_streaming",
    responseStream: method.methodKind === "server_streaming" || method.methodKind === "bidi_streaming",
    requestSerialize: (message) => Buffer.from(toBinary(method.input, message)),
    requestDeserialize: (bytes) => fromBinary(method.input, bytes),
    responseSerialize: (message) => Buffer.from(toBinary(method.output, message)),
    responseDeserialize: (bytes) => fromBinary(method.output, bytes),
  };
}

function callUnary(client: Client, { method, message, deadline, signal }: Call): Promise<{ message: Message }> {
  const { path, requestSerialize, responseDeserialize } = definitionOf(method);
  return new Promise((resolve, reject) => {
    const call = client.makeUnaryRequest(
      path,
      requestSerialize,
      responseDeserialize,
      message,
      new Metadata(),
      { deadline },
      (error, answer) => {
        if (error) reject(rpcError(error));
        else if (answer) resolve({ message: answer });
      },
    );
    signal.addEventListener("abort", () => call.cancel(), { once: true });
  });
}

async function* callStream(client: Client, { method, message, deadline, signal }: Call): AsyncGenerator<Message> {
  const { path, requestSerialize, responseDeserialize } = definitionOf(method);
  const call = client.makeServerStreamRequest(path, requestSerialize, responseDeserialize, message, new Metadata(), {
    deadline,
  });
  signal.addEventListener("abort", () => call.cancel(), { once: true });
  try {
    for await (const item of call) yield item as Message;
  } catch (error) {
    throw rpcError(error as ServiceError);
  } finally {
    call.cancel();
  }
}

function callClientStream(client: Client, { method, messages, deadline, signal }: StreamCall) {
  const { path, requestSerialize, responseDeserialize } = definitionOf(method);
  return new Promise<{ message: Message }>((resolve, reject) => {
    const call = client.makeClientStreamRequest(
      path,
      requestSerialize,
      responseDeserialize,
      new Metadata(),
      { deadline },
      (error, answer) => {
        if (error) reject(rpcError(error));
        else if (answer) resolve({ message: answer });
      },
    );
    signal.addEventListener("abort", () => call.cancel(), { once: true });
    pump(messages, call);
  });
}

async function* callBidiStream(client: Client, { method, messages, deadline, signal }: StreamCall) {
  const { path, requestSerialize, responseDeserialize } = definitionOf(method);
  const call = client.makeBidiStreamRequest(path, requestSerialize, responseDeserialize, new Metadata(), { deadline });
  signal.addEventListener("abort", () => call.cancel(), { once: true });
  pump(messages, call);
  try {
    for await (const item of call) yield item as Message;
  } catch (error) {
    throw rpcError(error as ServiceError);
  } finally {
    call.cancel();
  }
}

function pump(messages: AsyncIterable<Message>, call: Writable & { cancel(): void }): void {
  pipeline(messages, call).catch(() => call.cancel());
}

function rpcError(error: ServiceError): RpcError {
  const [bin] = error.metadata.get("grpc-status-details-bin");
  const details = bin instanceof Buffer ? statusFromBinary(StatusSchema, bin).details : [];
  return new RpcError(error.code, error.details, { details });
}
