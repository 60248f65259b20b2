import type { DescFile } from "@bufbuild/protobuf";
import { file_google_rpc_error_details } from "@kontor/contracts/google/rpc/error_details";
import type { Logger } from "@kontor/telemetry";
import { createHealth } from "../standard/health.ts";
import { createReflection } from "../standard/reflection.ts";
import { deadline } from "./deadline.ts";
import { errors } from "./errors.ts";
import { portLimits } from "./limits.ts";
import { createGrpcJsPort } from "./port/grpc-js-port.ts";
import { createLeanPort } from "./port/lean-port.ts";
import type { Port } from "./port/port.ts";
import { RunningCalls } from "./running-calls.ts";
import { rpcsOf, type Served } from "./serve.ts";

/** The transport that receives calls: Kontor's own HTTP/2, or grpc-js. */
export type ServerTransport = "lean" | "grpc-js";

/** The settings of a listener on one port. */
export interface ListenerOptions {
  /** The services, of one owner or of several. The port has the greatest of their limits of size and streams. */
  readonly served: readonly Served[];
  readonly log: Logger;
  /** Files that reflection shows in addition to those of the services and of the details in errors. */
  readonly reflectionDescriptors?: Iterable<DescFile>;
  /** The transport that receives calls. Default: grpc-js. */
  readonly transport?: ServerTransport | undefined;
}

/** A port that serves gRPC, with health and reflection of all that it serves. */
export interface NetworkListener {
  /** Binds and serves; port 0 takes a free one. Resolves to the port. */
  listen(host: string, port: number): Promise<number>;
  /** Sets the health of every service. It is NOT_SERVING until set. */
  setServing(serving: boolean): void;
  /** Refuses new connections and calls (GOAWAY), lets calls finish for `graceMs`, streams for half of it, then cuts. */
  drain(graceMs: number): Promise<void>;
}

/** Makes a listener. */
export function createNetworkListener(options: ListenerOptions): NetworkListener {
  const { served, log, reflectionDescriptors = [], transport = "grpc-js" } = options;
  const services = served.flatMap((each) => each.services);
  const former = served.flatMap((each) => each.former);
  const health = createHealth([...services, ...former].map(({ typeName }) => typeName));
  const standard = rpcsOf(health.implementation, [deadline, errors(log)]);
  const shown = [...services, health.implementation.service];
  const running = new RunningCalls();
  const create = transport === "lean" ? createLeanPort : createGrpcJsPort;
  const port: Port = create({
    rpcs: [...served.flatMap(({ rpcs }) => rpcs), ...standard],
    conversations: createReflection(shown, [file_google_rpc_error_details, ...reflectionDescriptors]),
    limits: portLimits(served.map(({ limits }) => limits)),
    running,
  });
  return {
    listen: port.listen,
    setServing: health.setServing,
    async drain(graceMs) {
      health.setServing(false);
      const drained = port.drain();
      const end = setTimeout(() => running.endStreams(), graceMs / 2);
      const cut = setTimeout(() => port.cut(), graceMs);
      await drained;
      clearTimeout(end);
      clearTimeout(cut);
    },
  };
}
