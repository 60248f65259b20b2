import { create, fromBinary, type Message, toBinary } from "@bufbuild/protobuf";
import {
  type Metadata,
  Server,
  ServerCredentials,
  type ServerDuplexStream,
  type ServerReadableStream,
  type StatusObject,
  type sendUnaryData,
} from "@grpc/grpc-js";
import { type TestContract, testContract } from "@kontor/rpc/testing";

/** Things as the test contract has them. */
export type Thing = Message & { readonly name: string; readonly servedBy: string };

/** A real gRPC server: `Chat` echoes, `Upload` returns the number of its messages. */
export interface Conversation {
  readonly contract: TestContract;
  readonly address: string;
  /** Every call that reached it, though it brought no message. */
  readonly calls: { readonly rpc: string; readonly metadata: Metadata; readonly heard: string[] }[];
  readonly cancelled: string[];
  /** Thrown, it is the status of the call. */
  script: (thing: Thing) => void;
  /** Goes away at once, with all connections. */
  kill(): void;
}

export async function startConversation(): Promise<Conversation> {
  const scopes = ["conversation"];
  const contract = testContract({
    Chat: { scopes, clientStreaming: true, serverStreaming: true },
    Upload: { scopes, clientStreaming: true },
  });
  const server = new Server();
  const calls: Conversation["calls"][number][] = [];
  const cancelled: string[] = [];
  const { input } = contract.method("Chat");
  const serialize = (message: Message) => Buffer.from(toBinary(input, message));
  const deserialize = (bytes: Buffer) => fromBinary(input, bytes) as Thing;
  type Incoming = ServerDuplexStream<Thing, Message> | ServerReadableStream<Thing, Message>;

  async function listen(rpc: string, call: Incoming, each: (thing: Thing) => void): Promise<number> {
    const heard: string[] = [];
    calls.push({ rpc, metadata: call.metadata, heard });
    call.on("cancelled", () => cancelled.push(rpc));
    call.on("error", () => {});
    for await (const thing of call.iterator({ destroyOnReturn: false })) {
      heard.push(thing.servedBy);
      conversation.script(thing);
      each(thing);
    }
    return heard.length;
  }
  const chat = (call: ServerDuplexStream<Thing, Message>) =>
    listen("Chat", call, (thing) => call.write(thing)).then(
      () => call.end(),
      (error) => !call.cancelled && call.emit("error", error),
    );
  const upload = (call: ServerReadableStream<Thing, Message>, done: sendUnaryData<Message>) =>
    listen("Upload", call, () => {}).then(
      (count) => done(null, create(input, { name: String(count) })),
      (error: Partial<StatusObject>) => done(error),
    );
  for (const [name, handler] of Object.entries({ Chat: chat, Upload: upload })) {
    const path = `/test.v1.ThingService/${name}`;
    const definition = {
      ...{ path, requestStream: true, responseStream: name === "Chat" },
      ...{ requestSerialize: serialize, requestDeserialize: deserialize },
      ...{ responseSerialize: serialize, responseDeserialize: deserialize },
    };
    server.addService({ [path]: definition }, { [path]: handler as never });
  }
  const port = await new Promise<number>((resolve, reject) => {
    server.bindAsync("127.0.0.1:0", ServerCredentials.createInsecure(), (error, bound) =>
      error ? reject(error) : resolve(bound),
    );
  });
  const conversation: Conversation = {
    ...{ contract, calls, cancelled, script: () => {} },
    address: `127.0.0.1:${port}`,
    kill: () => server.forceShutdown(),
  };
  return conversation;
}
