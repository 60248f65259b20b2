import { type DescMethod, fromBinary, type Message, type Registry, toBinary } from "@bufbuild/protobuf";
import { type Metadata, Server, ServerCredentials, type ServiceError, type StatusObject } from "@grpc/grpc-js";

/** Handles any RPC, or throws a status. */
export type Handler = (method: DescMethod, request: Message, metadata: Metadata) => Message | Promise<Message>;

/** A gRPC server, made from descriptors alone. */
export interface Upstream {
  readonly address: string;
  /** How many calls reached it. */
  readonly calls: () => number;
  handler: Handler;
  /** Goes away at once, with all connections. */
  kill(): void;
  /** Accepts no new calls and finishes its present ones, like a process that receives SIGTERM. */
  drain(): void;
}

/** Starts a server of the unary RPCs of all services in a registry. */
export async function startUpstream(registry: Registry, handler: Handler, address = "127.0.0.1:0"): Promise<Upstream> {
  const server = new Server();
  let calls = 0;
  for (const service of registry) {
    if (service.kind !== "service") continue;
    for (const method of service.methods) {
      if (method.methodKind !== "unary") continue;
      const path = `/${service.typeName}/${method.name}`;
      const definition = {
        path,
        requestStream: false,
        responseStream: false,
        requestSerialize: (message: Message) => Buffer.from(toBinary(method.input, message)),
        requestDeserialize: (bytes: Buffer) => fromBinary(method.input, bytes),
        responseSerialize: (message: Message) => Buffer.from(toBinary(method.output, message)),
        responseDeserialize: (bytes: Buffer) => fromBinary(method.output, bytes),
      } as const;
      server.addService(
        { [path]: definition },
        {
          [path]: async (
            { request, metadata }: { request: Message; metadata: Metadata },
            done: (error: Partial<StatusObject> | ServiceError | null, answer?: Message) => void,
          ) => {
            calls++;
            try {
              done(null, await upstream.handler(method, request, metadata));
            } catch (error) {
              done(error as Partial<StatusObject>);
            }
          },
        },
      );
    }
  }
  const port = await new Promise<number>((resolve, reject) => {
    server.bindAsync(address, ServerCredentials.createInsecure(), (error, bound) =>
      error ? reject(error) : resolve(bound),
    );
  });
  const upstream: Upstream = {
    address: `${address.slice(0, address.lastIndexOf(":"))}:${port}`,
    calls: () => calls,
    handler,
    kill: () => server.forceShutdown(),
    drain: () => server.tryShutdown(() => {}),
  };
  return upstream;
}
