import { promisify } from "node:util";
import type { DescMessage, MessageShape } from "@bufbuild/protobuf";
import { Client, credentials } from "@grpc/grpc-js";
import { isServiceTarget } from "@kontor/discovery";
import type { ChannelCallOptions, MethodOf, ServerStream, UnaryResult } from "./channel-call.ts";
import { channelOptions } from "./channel-options.ts";
import { registerKubernetesResolver } from "./kubernetes-resolver.ts";
import { openStream } from "./stream.ts";
import { callOnce } from "./unary.ts";

/** Calls any method by its descriptor, with no policy of its own: no retries, no inherited deadline, no forwarded user. */
export interface Channel {
  /** @throws KontorError whatever the callee threw, or UNAVAILABLE, DEADLINE_EXCEEDED, CANCELLED */
  unary<I extends DescMessage, O extends DescMessage>(
    method: MethodOf<I, O>,
    message: MessageShape<I>,
    options?: ChannelCallOptions,
  ): Promise<UnaryResult<MessageShape<O>>>;
  /** Starts a stream. Failures are thrown while it is read. */
  serverStream<I extends DescMessage, O extends DescMessage>(
    method: MethodOf<I, O>,
    message: MessageShape<I>,
    options?: ChannelCallOptions,
  ): ServerStream<MessageShape<O>>;
  /** Connects, and resolves once a call would find a connection. @throws Error when that takes longer */
  connected(withinMs: number): Promise<void>;
  /** Closes the connection and ends its calls with CANCELLED. */
  close(): void;
}

const CONNECT_PAUSE_MS = 500;

/**
 * Opens a channel. `dns:///name:port` balances over all addresses of the name, `kubernetes:///service.namespace:port` over the
 * pods that its EndpointSlices name, anything else is one peer. Connects on first use.
 *
 * ```ts
 * import { create } from "@bufbuild/protobuf";
 * import { Health, HealthCheckRequestSchema } from "@kontor/contracts/grpc/health/v1/health";
 * const channel = createChannel("localhost:5054");
 * const { message } = await channel.unary(Health.method.check, create(HealthCheckRequestSchema));
 * channel.close();
 * ```
 */
export function createChannel(address: string): Channel {
  if (isServiceTarget(address)) registerKubernetesResolver();
  const client = new Client(address, credentials.createInsecure(), channelOptions(address));
  return {
    unary: (method, message, options = {}) => callOnce(client, method, message, options),
    serverStream: (method, message, options = {}) => openStream(client, method, message, options),
    connected: (withinMs) => connect(client, Date.now() + withinMs),
    close: () => client.close(),
  };
}

/** grpc-js resolves a name twice and then waits for a reason to resolve it again. Each wait that starts is such a reason. */
async function connect(client: Client, deadline: number): Promise<void> {
  const ready = promisify(client.waitForReady.bind(client));
  for (;;) {
    const isLast = Date.now() + CONNECT_PAUSE_MS >= deadline;
    try {
      return await ready(isLast ? deadline : Date.now() + CONNECT_PAUSE_MS);
    } catch (error) {
      if (isLast) throw error;
    }
  }
}
