import type { DescFile } from "@bufbuild/protobuf";
import { Server, ServerCredentials } from "@grpc/grpc-js";
import { file_google_rpc_error_details } from "@kontor/contracts/google/rpc/error_details";
import type { Logger } from "@kontor/telemetry";
import { createHealth } from "../standard/health.ts";
import { addReflection } from "../standard/reflection.ts";
import { accessLog } from "./access-log.ts";
import { admission } from "./admission.ts";
import { deadline } from "./deadline.ts";
import { errors } from "./errors.ts";
import type { Implementation } from "./implement.ts";
import { DEFAULT_LIMITS, type ServerLimits, serverOptions } from "./limits.ts";
import { metrics } from "./metrics.ts";
import { policy, type ServerPolicy } from "./policy.ts";
import { type Pipelines, register } from "./register.ts";
import { trace } from "./trace.ts";
import { validation } from "./validation.ts";

/** What a server is made of. */
export interface ServerOptions {
  /** What the server serves, made by {@link implement}. */
  readonly services: readonly Implementation[];
  /** How callers are verified. */
  readonly policy: ServerPolicy;
  /** Receives a line per call at the level `debug`, and defects at `error`. */
  readonly log: Logger;
  /** Files that reflection shows in addition to those of the services and of the details in errors. */
  readonly reflectionDescriptors?: Iterable<DescFile>;
  /** How much it takes on. Default: {@link ServerLimits}. */
  readonly limits?: Partial<ServerLimits>;
}

/** A gRPC server with health and reflection. */
export interface RpcServer {
  /** Binds and serves; port 0 takes a free one. Resolves to the port. */
  listen(host: string, port: number): Promise<number>;
  /** What the health service says of every service. False until set. */
  setServing(serving: boolean): void;
  /** Refuses new connections and calls (GOAWAY), lets calls finish for `graceMs`, streams for half of it, then cuts. */
  drain(graceMs: number): Promise<void>;
}

/**
 * Makes a server of implementations. Around each handler lie, from the outside in: trace and log context → access log → metrics →
 * admission → deadline → errors → policy → validation.
 *
 * ```ts
 * import type { CallerVerifier, TokenVerifier } from "@kontor/policy";
 * import { createLogger } from "@kontor/telemetry";
 * declare const verifyToken: TokenVerifier, verifyCaller: CallerVerifier, orders: Implementation;
 * const log = createLogger({ service: "orders" });
 * const server = createServer({ services: [orders], policy: { verifyToken, verifyCaller }, log });
 * const port = await server.listen("127.0.0.1", 0);
 * server.setServing(true);
 * await server.drain(10_000);
 * ```
 *
 * @throws PolicyError if an RPC declares no policy, or a contradictory one
 * @throws RuleError if a contract has rules that cannot be applied
 */
export function createServer({ services, log, reflectionDescriptors, ...options }: ServerOptions): RpcServer {
  const limits = { ...DEFAULT_LIMITS, ...options.limits };
  const server = new Server(serverOptions(limits));
  const health = createHealth(services.map(({ service }) => service.typeName));
  const pipelines: Pipelines = {
    contract: [
      trace,
      accessLog(log),
      metrics,
      admission({ calls: limits.maxInFlight, streams: limits.maxStreams }),
      deadline,
      errors(log),
      policy(options.policy),
      validation(
        services.map(({ service }) => service),
        log,
      ),
    ],
    standard: [errors(log)],
  };
  const all = [...services, health.implementation];
  const streams = register(server, all, pipelines);
  addReflection(
    server,
    all.map(({ service }) => service),
    [file_google_rpc_error_details, ...(reflectionDescriptors ?? [])],
  );

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
      const end = setTimeout(() => streams.end(), graceMs / 2);
      const cut = setTimeout(() => server.forceShutdown(), graceMs);
      await finished;
      clearTimeout(end);
      clearTimeout(cut);
    },
  };
}
