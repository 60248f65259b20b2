import type { DescMethod, Message } from "@bufbuild/protobuf";
import { status as Status } from "@grpc/grpc-js";
import { type RetryTerms, retrying } from "../attempts.ts";
import { CallFailure } from "../call-failure.ts";
import type { PoolMetrics } from "../pool-metrics.ts";
import { createRetryBudget } from "../retry-budget.ts";
import type { Readiness, Transport } from "../transport/channel.ts";
import type { StreamCall, UnaryCall } from "../transport/outgoing-call.ts";
import type { Addresses } from "./addresses.ts";
import { choose } from "./balance.ts";
import { type DiscoveryOptions, discover } from "./discovery.ts";
import { createEndpoint, type Endpoint } from "./endpoint.ts";
import type { TrustedStatuses } from "./lesson.ts";
import { createShedding } from "./shedding.ts";

/** Receives the endpoint that a call goes to, on each attempt. */
export type OnAttempt = (address: string, tries: number) => void;

/** How far a call may be repeated. */
export type Retries = Pick<RetryTerms, "attempts" | "untilDeadline" | "afterOverload">;

/** All endpoints of one callee, and what they share. */
export interface Pool {
  /** @throws CallFailure */
  unary<R>(call: UnaryCall<R>, retries: Retries, onAttempt?: OnAttempt): Promise<R>;
  /** Makes a call that streams. It is repeated only while no callee has begun to process it. @throws CallFailure while iterating */
  stream(call: StreamCall, onAttempt?: OnAttempt): AsyncGenerator<Message>;
  /** The best state of a connection. Reading it starts to connect. */
  readiness(): Readiness;
  close(): void;
}

/** How a pool is made. */
export interface PoolOptions extends DiscoveryOptions {
  readonly metrics: PoolMetrics;
  /** Default: http2. */
  readonly transport?: Transport;
  /**
   * If set, a refusal of an overloaded callee also refuses other calls of the method for a short time; it receives the method of each of
   * them. Default: all calls are made.
   */
  readonly onShed?: (method: DescMethod) => void;
  /** Default: any. */
  readonly trustedStatuses?: TrustedStatuses;
  /** The longest time that a breaker stays open, in milliseconds. Default: 10 s. */
  readonly longestOpenMs?: number;
}

/** The most attempts to open a stream that no callee has begun to send. */
const STREAM_ATTEMPTS = 3;

/** Creates a pool. It looks for its endpoints at once and connects when they are needed. */
export function createPool(addresses: Addresses, options: PoolOptions): Pool {
  const { log, metrics, transport = "http2", trustedStatuses = "any", longestOpenMs = 10_000 } = options;
  const budget = createRetryBudget();
  const shedding = options.onShed && createShedding(options.onShed);
  let endpoints: readonly Endpoint[] = [];
  let looking = true;
  let closed = false;

  const create = (address: string) =>
    createEndpoint(
      { address, transport, metrics: metrics.of(address), log, trustedStatuses, longestOpenMs },
      reconsider,
    );

  function update(found: readonly string[]): void {
    if (closed) return;
    const kept = endpoints.filter(({ address }) => found.includes(address));
    const added = found.filter((address) => !kept.some((endpoint) => endpoint.address === address));
    const gone = endpoints.filter((endpoint) => !kept.includes(endpoint));
    endpoints = [...kept, ...added.map(create)];
    for (const endpoint of gone) endpoint.retire();
    if (added.length + gone.length > 0 && !looking)
      log.info({ added, removed: gone.map(({ address }) => address) }, "upstream endpoints changed");
  }

  /** Ejects an endpoint that fails more than its peers, unless half of them are ejected already. */
  function reconsider(endpoint: Endpoint): void {
    const { ejection } = endpoint;
    const peers = endpoints.filter((other) => other !== endpoint);
    const out = peers.filter((other) => other.ejection.ejected).length;
    if (ejection.ejected || out + 1 > endpoints.length / 2) return;
    const peerRate = peers.reduce((sum, other) => sum + other.ejection.failureRate, 0) / peers.length;
    if (!ejection.isOutlier(peerRate)) return;
    ejection.eject();
    metrics.of(endpoint.address).ejected();
    log.warn({ endpoint: endpoint.address }, "endpoint ejected");
  }

  const discovery = discover(addresses, options, update);
  void discovery.first.then(() => {
    looking = false;
  });

  function endpointFor(tried?: ReadonlySet<Endpoint>): Endpoint {
    const endpoint = choose(endpoints, tried);
    if (endpoint !== undefined) return endpoint;
    if (closed) throw new CallFailure(Status.UNAVAILABLE, "The client is closed.");
    if (endpoints.length === 0)
      throw new CallFailure(Status.UNAVAILABLE, `${addresses.join()} has no endpoints now.`, { unsent: true });
    const pushBackMs = Math.min(...endpoints.map((each) => each.waitMs()));
    const what = `The circuits of all endpoints of ${addresses.join()} are open.`;
    throw new CallFailure(Status.UNAVAILABLE, what, { local: "circuit-open", pushBackMs });
  }

  return {
    async unary(call, retries, onAttempt) {
      if (looking) await discovery.first;
      const refusal = shedding?.refusalFor(call, endpoints);
      if (refusal !== undefined) throw refusal;
      budget.deposit();
      let endpoint: Endpoint | undefined;
      let tried: Set<Endpoint> | undefined;
      const attempt = (tries: number) => {
        endpoint = endpointFor(tried);
        if (tries < retries.attempts) tried = (tried ?? new Set()).add(endpoint);
        onAttempt?.(endpoint.address, tries);
        return endpoint.unary(call);
      };
      const { deadline, signal } = call;
      try {
        const result = await retrying(attempt, { ...retries, deadline, signal, budget, onRetry: metrics.retried });
        shedding?.succeeded(call, endpoint);
        return result;
      } catch (error) {
        shedding?.failed(call, endpoint, error);
        throw error;
      }
    },
    async *stream(call, onAttempt) {
      if (looking) await discovery.first;
      for (let tries = 1; ; tries++) {
        const endpoint = endpointFor();
        onAttempt?.(endpoint.address, tries);
        try {
          return yield* endpoint.stream(call);
        } catch (error) {
          const again = error instanceof CallFailure && error.unsent && call.messages === undefined;
          if (!again || tries === STREAM_ATTEMPTS) throw error;
        }
      }
    },
    readiness() {
      const states = new Set(endpoints.map((endpoint) => endpoint.readiness()));
      return states.has("ready")
        ? "ready"
        : states.has("connecting") || states.size === 0
          ? "connecting"
          : "unreachable";
    },
    close() {
      closed = true;
      discovery.stop();
      for (const endpoint of endpoints) endpoint.retire();
      endpoints = [];
    },
  };
}
