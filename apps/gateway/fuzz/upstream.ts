import { createRequire } from "node:module";
import {
  create,
  type DescMessage,
  type DescMethod,
  fromBinary,
  type Message,
  type Registry,
  toBinary,
} from "@bufbuild/protobuf";
import { reflect } from "@bufbuild/protobuf/reflect";
import { FeatureSet_FieldPresence } from "@bufbuild/protobuf/wkt";
import {
  Server,
  ServerCredentials,
  type ServerDuplexStream,
  type ServerReadableStream,
  type ServerUnaryCall,
  type ServerWritableStream,
  type sendUnaryData,
} from "@grpc/grpc-js";

/** A message that arrived at the upstream. */
export interface Seen {
  readonly method: DescMethod;
  readonly message: Message;
}

/** The response of an RPC; undefined for the smallest valid message. */
export type Answers = (method: DescMethod) => object | undefined;

/** A gRPC server for every service of a registry. It responds to each call with an empty message and records the request. */
export interface Upstream {
  readonly port: number;
  /** Returns the requests with a request id, and removes them. */
  take(requestId: string): readonly Seen[];
  stop(): void;
}

/**
 * Node's HTTP/2 server closes a connection on which clients cancel more than 33 calls a second, with all that goes on there.
 * Many a request here is cancelled: no upstream of this test does so, or every run would find it.
 */
function takeAnyResets(): void {
  const http2 = createRequire(import.meta.url)("node:http2");
  const { createServer } = http2;
  const patience = { streamResetBurst: 1_000_000, streamResetRate: 1_000_000 };
  http2.createServer = (options: object) => createServer({ ...options, ...patience });
}

export async function startUpstream(registry: Registry, answers: Answers = () => undefined): Promise<Upstream> {
  takeAnyResets();
  const seen = new Map<string, Seen[]>();
  const server = new Server();
  for (const type of registry) {
    if (type.kind !== "service") continue;
    const methods = Object.entries(type.method).map(([name, method]) => [name, method] as const);
    server.addService(
      Object.fromEntries(methods.map(([name, method]) => [name, definitionOf(method)])),
      Object.fromEntries(methods.map(([name, method]) => [name, handlerOf(method)])),
    );
  }
  const port = await new Promise<number>((resolve, reject) => {
    server.bindAsync("127.0.0.1:0", ServerCredentials.createInsecure(), (error, bound) =>
      error ? reject(error) : resolve(bound),
    );
  });

  function note(
    method: DescMethod,
    { metadata }: ServerUnaryCall<Message, Message> | ServerReadableStream<Message, Message>,
    message: Message,
  ) {
    const id = String(metadata.get("x-request-id")[0] ?? "");
    const all = seen.get(id) ?? [];
    all.push({ method, message });
    seen.set(id, all);
  }

  function handlerOf(method: DescMethod) {
    const own = answers(method);
    const answer = () => (own === undefined ? smallest(method.output) : create(method.output, own as object as never));
    switch (method.methodKind) {
      case "unary":
        return (call: ServerUnaryCall<Message, Message>, done: sendUnaryData<Message>) => {
          note(method, call, call.request);
          done(null, answer());
        };
      case "server_streaming":
        return (call: ServerWritableStream<Message, Message>) => {
          note(method, call as never, call.request);
          call.write(answer());
          call.end();
        };
      case "client_streaming":
        return (call: ServerReadableStream<Message, Message>, done: sendUnaryData<Message>) => {
          call.on("error", () => {});
          call.on("data", (message: Message) => note(method, call, message));
          call.on("end", () => done(null, answer()));
        };
      case "bidi_streaming":
        return (call: ServerDuplexStream<Message, Message>) => {
          call.on("error", () => {});
          call.on("data", (message: Message) => {
            note(method, call, message);
            call.write(answer());
          });
          call.on("end", () => call.end());
        };
    }
  }

  return {
    port,
    take(requestId) {
      const all = seen.get(requestId) ?? [];
      seen.delete(requestId);
      return all;
    },
    stop: () => server.forceShutdown(),
  };
}

/** Returns the smallest valid message: empty except for required texts. */
function smallest(desc: DescMessage): Message {
  const message = create(desc);
  for (const field of desc.fields) {
    if (field.presence === FeatureSet_FieldPresence.LEGACY_REQUIRED) reflect(desc, message).set(field, "");
  }
  return message;
}

function definitionOf(method: DescMethod) {
  return {
    path: `/${method.parent.typeName}/${method.name}`,
    requestStream: method.methodKind === "client_streaming" || method.methodKind === "bidi_streaming",
    responseStream: method.methodKind === "server_streaming" || method.methodKind === "bidi_streaming",
    requestSerialize: (message: Message) => Buffer.from(toBinary(method.input, message)),
    requestDeserialize: (bytes: Buffer) => fromBinary(method.input, bytes),
    responseSerialize: (message: Message) => Buffer.from(toBinary(method.output, message)),
    responseDeserialize: (bytes: Buffer) => fromBinary(method.output, bytes),
  };
}
