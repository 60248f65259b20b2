import { serveInProcess } from "../in-process/in-process-listener.ts";
import { createNetworkListener, type ListenerOptions, type NetworkListener } from "./network-listener.ts";
import { type ServeOptions, serve } from "./serve.ts";

/** The parts of a server. */
export type ServerOptions = ServeOptions & Pick<ListenerOptions, "reflectionDescriptors" | "transport">;

/** A gRPC server with health and reflection. */
export interface RpcServer extends NetworkListener {
  /** Serves clients of this process, which call `in-process:///name`. */
  listenInProcess(name: string): void;
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
export function createServer({ reflectionDescriptors = [], transport, ...options }: ServerOptions): RpcServer {
  const served = serve(options);
  const network = createNetworkListener({ served: [served], log: options.log, reflectionDescriptors, transport });
  const listeners: Pick<NetworkListener, "drain">[] = [network];
  return {
    ...network,
    listenInProcess(name) {
      listeners.push(serveInProcess(name, served));
    },
    async drain(graceMs) {
      await Promise.all(listeners.map((each) => each.drain(graceMs)));
    },
  };
}
