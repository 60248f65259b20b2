import { create, type DescMethod, type DescService, type Message } from "@bufbuild/protobuf";
import type { Logger } from "@kontor/telemetry";
import { type Answer, type Call, type EdgeCall, RpcError, Status, type StreamCall } from "@kontor/transcoder";
import { decide } from "../decisions.ts";
import { fallbackAnswer } from "../policy/fallback-answer.ts";
import { type Recovery, recoveryOf } from "../policy/recovery.ts";
import type { UpstreamAddresses } from "./addresses.ts";
import type { Outgoing } from "./channel.ts";
import type { Drain } from "./drain.ts";
import { isImpatient, metadataOf } from "./metadata.ts";
import { observeCall, observeStream } from "./observe-call.ts";
import { createPool, type OnAttempt, type Pool, type PoolOptions } from "./pool.ts";
import { Shed } from "./shedding.ts";
import { Unreachable, UpstreamError } from "./upstream-error.ts";

/** The services behind the gateway. */
export interface Upstreams {
  /** Whether the service has an address. */
  serves(service: DescService): boolean;
  /** Makes a unary call as part of answering a request. @throws RpcError */
  call(call: Call): Promise<Answer>;
  /** Makes a call whose answer is a stream. @throws RpcError while iterating */
  stream(call: Call | StreamCall): AsyncGenerator<Message>;
  /** Makes a call that sends a stream and is answered once. @throws RpcError */
  collect(call: StreamCall): Promise<Answer>;
  /** Makes a unary call of the gateway's own, with an empty message. @throws RpcError */
  ask(method: DescMethod, timeoutMs: number): Promise<Message>;
  close(): void;
}

/** What upstreams are made from. */
export interface UpstreamsOptions extends PoolOptions {
  readonly addresses: ReadonlyMap<string, UpstreamAddresses>;
  readonly forwardedHeaders: readonly string[];
  /** Metadata of the gateway's own about a call. */
  readonly ownMetadata: (call: EdgeCall) => Readonly<Record<string, string>>;
  /** Counts a stream as open until it is disposed of. */
  readonly enterStream: (call: EdgeCall) => Disposable;
  /** Whether calls are repeated as their contracts say. */
  readonly retries: boolean;
  readonly drain: Drain;
  readonly log: Logger;
}

/** Creates the upstreams. Services at the same addresses share endpoints, connections and the budget of retries. */
export function createUpstreams(options: UpstreamsOptions): Upstreams {
  const { addresses, forwardedHeaders, ownMetadata, enterStream, retries, drain } = options;
  const attemptsAt = ({ attempts }: Recovery) => (retries ? attempts : 1);
  const pools = new Map<string, Pool>();
  const addressesOf = (service: DescService) => addresses.get(service.typeName) ?? addresses.get("*");
  function poolOf({ parent }: DescMethod): Pool {
    const found = addressesOf(parent);
    if (found === undefined) throw new RpcError(Status.UNAVAILABLE, `${parent.typeName} has no upstream.`);
    const key = found.join();
    const pool = pools.get(key) ?? createPool(found, options);
    pools.set(key, pool);
    return pool;
  }
  const outgoing = (call: Call | StreamCall): Outgoing => {
    const { method, found, deadline, signal } = call;
    return {
      method,
      ...("messages" in call ? { message: create(method.input), messages: call.messages } : { message: call.message }),
      metadata: { ...metadataOf(call, forwardedHeaders), ...ownMetadata(call) },
      deadline,
      route: found.route.method === method ? found.route : undefined,
      impatient: isImpatient(call),
      signal,
    };
  };
  async function* stream(call: Call | StreamCall): AsyncGenerator<Message> {
    using _ = drain.enter(call);
    using __ = enterStream(call);
    const { method } = call;
    try {
      yield* observeStream(method, () => poolOf(method).serverStream(outgoing(call), noted(call)));
    } catch (error) {
      explain(call, error);
      throw error;
    }
  }
  return {
    serves: (service) => addressesOf(service) !== undefined,
    async call(call) {
      using _ = drain.enter(call);
      const { method } = call;
      const recovery = recoveryOf(method);
      try {
        const make = () => poolOf(method).unary(outgoing(call), attemptsAt(recovery), noted(call));
        return await observeCall(method, make);
      } catch (error) {
        return fallBack(call, recovery, error);
      }
    },
    stream,
    async collect(call) {
      for await (const message of stream(call)) return { message };
      throw new RpcError(Status.INTERNAL, "", { transport: true });
    },
    async ask(method, timeoutMs) {
      const deadline = Date.now() + timeoutMs;
      const signal = AbortSignal.timeout(timeoutMs);
      const call = { method, message: create(method.input), metadata: {}, deadline, signal, impatient: false };
      const attempts = attemptsAt(recoveryOf(method));
      return (await observeCall(method, () => poolOf(method).unary(call, attempts, () => {}))).message;
    },
    close: () => {
      for (const pool of pools.values()) pool.close();
    },
  };
}

function noted({ request }: EdgeCall): OnAttempt {
  return (address, tries) => {
    decide(request, "endpoint", address);
    if (tries > 1) decide(request, "attempts", tries);
  };
}

function fallBack(call: Call, { fallback }: Recovery, error: unknown): Answer {
  explain(call, error);
  if (fallback === undefined || !(error instanceof Unreachable)) throw error;
  return fallbackAnswer(call, fallback());
}

/** Notes why a call was not made, or not again. */
function explain({ request }: EdgeCall, error: unknown): void {
  if (error instanceof Unreachable && error.cause === undefined) decide(request, "circuit", "open"); // No endpoint was called.
  if (error instanceof Shed) decide(request, "shed", true);
  const failure = error instanceof Unreachable ? error.cause : error;
  if (failure instanceof UpstreamError && failure.overBudget) decide(request, "retry", "over_budget");
}
