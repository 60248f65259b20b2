import type { Message } from "@bufbuild/protobuf";
import { createRetryBudget } from "@kontor/rpc";
import { counter } from "@kontor/telemetry";
import { type Answer, HttpError, Status, say } from "@kontor/transcoder";
import type { UpstreamAddresses } from "./addresses.ts";
import { choose } from "./balance.ts";
import type { GrpcClient, Outgoing } from "./channel.ts";
import { type DiscoveryOptions, discover } from "./discovery.ts";
import { createEndpoint, type Endpoint } from "./endpoint.ts";
import { retrying } from "./retry.ts";
import { createShedding } from "./shedding.ts";
import { Unreachable, UpstreamError } from "./upstream-error.ts";

/** Hears which endpoint a call goes to, each time it is tried. */
export type OnAttempt = (address: string, tries: number) => void;

/** All endpoints of one upstream, and what they share. */
export interface Pool {
  /** @throws RpcError, which is Unreachable when no endpoint could answer */
  unary(call: Outgoing, attempts: number, onAttempt: OnAttempt): Promise<Answer>;
  serverStream(call: Outgoing, onAttempt: OnAttempt): AsyncGenerator<Message>;
  close(): void;
}

const ejections = counter("kontor_gateway_ejections_total", "Endpoints left out for a while because they failed.", [
  "endpoint",
]);

/** What a pool is made from. */
export interface PoolOptions extends DiscoveryOptions {
  /** What makes unary calls. Default: http2. */
  readonly grpcClient?: GrpcClient;
}

/** How often a stream is asked for that no upstream has begun to send. */
const STREAM_ATTEMPTS = 3;

/** Makes a pool. It looks for its endpoints at once and connects when they are needed. */
export function createPool(places: UpstreamAddresses, options: PoolOptions): Pool {
  const { log, grpcClient: client = "http2" } = options;
  const budget = createRetryBudget();
  const shedding = createShedding();
  let endpoints: readonly Endpoint[] = [];
  let looking = true;

  function update(addresses: readonly string[]): void {
    const kept = endpoints.filter(({ address }) => addresses.includes(address));
    const added = addresses.filter((address) => !kept.some((endpoint) => endpoint.address === address));
    const gone = endpoints.filter((endpoint) => !kept.includes(endpoint));
    endpoints = [...kept, ...added.map((address) => createEndpoint({ address, client, log }, reconsider))];
    for (const endpoint of gone) endpoint.retire();
    if (added.length + gone.length > 0 && !looking)
      log.info({ added, removed: gone.map(({ address }) => address) }, "upstream endpoints changed");
  }

  /** Ejects an endpoint that fails more than its peers, unless half of them are out already. */
  function reconsider(endpoint: Endpoint): void {
    const { ejection } = endpoint;
    const peers = endpoints.filter((other) => other !== endpoint);
    const out = peers.filter((other) => other.ejection.ejected).length;
    if (ejection.ejected || out + 1 > endpoints.length / 2) return;
    const peerRate = peers.reduce((sum, other) => sum + other.ejection.failureRate, 0) / peers.length;
    if (!ejection.isOutlier(peerRate)) return;
    ejection.eject();
    ejections.inc({ endpoint: endpoint.address });
    log.warn({ endpoint: endpoint.address }, "endpoint ejected");
  }

  const discovery = discover(places, options, update);
  void discovery.first.then(() => {
    looking = false;
  });

  function endpointFor(tried?: ReadonlySet<Endpoint>): Endpoint {
    const endpoint = choose(endpoints, tried);
    if (endpoint !== undefined) return endpoint;
    throw new Unreachable(Math.min(1_000, ...endpoints.map((each) => each.waitMs())));
  }

  return {
    async unary(call, attempts, onAttempt) {
      if (looking) await discovery.first;
      const refusal = shedding.refusalFor(call, endpoints);
      if (refusal !== undefined) throw refusal;
      budget.deposit();
      let endpoint: Endpoint | undefined;
      let tried: Set<Endpoint> | undefined;
      const attempt = (tries: number) => {
        endpoint = endpointFor(tried);
        if (tries < attempts) tried = (tried ?? new Set()).add(endpoint);
        onAttempt(endpoint.address, tries);
        return endpoint.unary(call);
      };
      try {
        const answer = await retrying(attempt, { ...call, attempts, budget });
        shedding.succeeded(call, endpoint);
        return answer;
      } catch (error) {
        shedding.failed(call, endpoint, error);
        throw told(error);
      }
    },
    async *serverStream(call, onAttempt) {
      if (looking) await discovery.first;
      for (let tries = 1; ; tries++) {
        const endpoint = endpointFor();
        onAttempt(endpoint.address, tries);
        try {
          return yield* endpoint.serverStream(call);
        } catch (error) {
          const again = error instanceof UpstreamError && error.unsent && call.messages === undefined;
          if (!again || tries === STREAM_ATTEMPTS) throw told(error);
        }
      }
    },
    close() {
      discovery.stop();
      for (const endpoint of endpoints) endpoint.retire();
    },
  };
}

/** What a server of gRPC says of a request that is larger than it takes: grpc-js, grpc-go and C++, or Java. */
const tooLarge = /message larger than max|message exceeds maximum size/i;

/**
 * Returns what clients receive of an error. What the transport says names addresses. A request that no upstream takes is 413 and not
 * 429: sent again it would fail again.
 */
function told(error: unknown): unknown {
  if (!(error instanceof UpstreamError)) return error;
  const isRefused = error.answered && error.code === Status.RESOURCE_EXHAUSTED && error.details.length === 0;
  if (isRefused && tooLarge.test(error.message))
    return new HttpError(413, "BODY_TOO_LARGE", say("TOO_LARGE_REQUEST"), { cause: error });
  return error.unreachable ? new Unreachable(error.pushBackMs ?? 0, error) : error;
}
