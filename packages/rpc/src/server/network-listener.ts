import type { DescFile } from "@bufbuild/protobuf";
import {
  Server,
  ServerCredentials,
  type ServerUnaryCall,
  type ServerWritableStream,
  type sendUnaryData,
} from "@grpc/grpc-js";
import { file_google_rpc_error_details } from "@kontor/contracts/google/rpc/error_details";
import type { Logger } from "@kontor/telemetry";
import { createHealth } from "../standard/health.ts";
import { addReflection } from "../standard/reflection.ts";
import { definition } from "./definition.ts";
import { errors } from "./errors.ts";
import { GrpcJsCall } from "./grpc-js-call.ts";
import { serverOptions } from "./limits.ts";
import { RunningCalls } from "./running-calls.ts";
import { rpcsOf, type Served, type ServedRpc } from "./serve.ts";

/** What listens on one port. */
export interface ListenerOptions {
  /** The services, of one owner or of several. The port has the greatest of their limits of size and streams. */
  readonly served: readonly Served[];
  readonly log: Logger;
  /** Files that reflection shows in addition to those of the services and of the details in errors. */
  readonly reflectionDescriptors?: Iterable<DescFile>;
}

/** A port that serves gRPC, with health and reflection of all that it serves. */
export interface NetworkListener {
  /** Binds and serves; port 0 takes a free one. Resolves to the port. */
  listen(host: string, port: number): Promise<number>;
  /** What the health service says of every service. False until set. */
  setServing(serving: boolean): void;
  /** Refuses new connections and calls (GOAWAY), lets calls finish for `graceMs`, streams for half of it, then cuts. */
  drain(graceMs: number): Promise<void>;
}

/** Makes a listener over grpc-js. */
export function createNetworkListener({ served, log, reflectionDescriptors = [] }: ListenerOptions): NetworkListener {
  const services = served.flatMap((each) => each.services);
  const former = served.flatMap((each) => each.former);
  const health = createHealth([...services, ...former].map(({ typeName }) => typeName));
  const standard = rpcsOf(health.implementation, [errors(log)]);
  const server = new Server(serverOptions(served.map(({ limits }) => limits)));
  const running = new RunningCalls();
  for (const rpc of [...served.flatMap(({ rpcs }) => rpcs), ...standard]) add(server, rpc, running);
  const shown = [...services, health.implementation.service];
  addReflection(server, shown, [file_google_rpc_error_details, ...reflectionDescriptors]);
  return {
    listen: (host, port) =>
      new Promise((resolve, reject) =>
        server.bindAsync(
          `${host.includes(":") ? `[${host}]` : host}:${port}`,
          ServerCredentials.createInsecure(),
          (error, bound) => (error ? reject(error) : resolve(bound)),
        ),
      ),
    setServing: health.setServing,
    async drain(graceMs) {
      health.setServing(false);
      const finished = new Promise<void>((resolve) => server.tryShutdown(() => resolve()));
      const end = setTimeout(() => running.endStreams(), graceMs / 2);
      const cut = setTimeout(() => server.forceShutdown(), graceMs);
      await finished;
      clearTimeout(end);
      clearTimeout(cut);
    },
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
