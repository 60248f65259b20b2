import type { ServerLimits } from "../limits.ts";
import type { RunningCalls } from "../running-calls.ts";
import type { ServedRpc } from "../serve.ts";

/** An RPC of gRPC itself that sends one response for each message of a stream. */
export interface Conversation {
  /** `/package.Service/Method`. */
  readonly path: string;
  respond(request: Buffer): Buffer;
}

/** The services of a port, and the RPCs of gRPC itself. */
export interface PortOptions {
  readonly rpcs: readonly ServedRpc[];
  readonly conversations: readonly Conversation[];
  readonly limits: ServerLimits;
  readonly running: RunningCalls;
}

/** A port that receives calls. */
export interface Port {
  /** Binds and serves; port 0 takes a free one. Resolves to the port. */
  listen(host: string, port: number): Promise<number>;
  /** Refuses new connections and calls. Resolves when the last call has ended. */
  drain(): Promise<void>;
  /** Ends all connections. */
  cut(): void;
}
