import { create, type DescMethod, type DescService, fromBinary, type Message } from "@bufbuild/protobuf";
import { formerName } from "@kontor/nats";
import {
  type Addresses,
  CallFailure,
  createPool,
  formerMethod,
  type OnAttempt,
  observationOf,
  type Pool,
  poolMetrics,
  type Transport,
  type UnaryCall,
} from "@kontor/rpc";
import { topology } from "@kontor/shop";
import { counter, type Logger } from "@kontor/telemetry";
import { type Answer, type Call, type EdgeCall, RpcError, Status, type StreamCall } from "@kontor/transcoder";
import { decide } from "../decisions.ts";
import type { Drain } from "../drain.ts";
import { fallbackAnswer } from "../policy/fallback-answer.ts";
import { type Recovery, recoveryOf } from "../policy/recovery.ts";
import type { Upstreams } from "../ports.ts";
import { publicError, Unreachable } from "../rpc-error.ts";
import { upstreamOf } from "./addresses.ts";
import { answerOf } from "./answer.ts";
import { isImpatient, metadataOf } from "./metadata.ts";

/** How upstreams are made. */
export interface UpstreamsOptions {
  readonly addresses: ReadonlyMap<string, Addresses>;
  /** How often names are resolved again, in milliseconds. */
  readonly everyMs: number;
  readonly transport: Transport;
  readonly forwardedHeaders: readonly string[];
  /** Metadata of the gateway's own about a call. */
  readonly ownMetadata: (call: EdgeCall) => Readonly<Record<string, string>>;
  /** Counts a stream as open until it is disposed of. */
  readonly enterStream: (call: EdgeCall) => Disposable;
  /** Whether calls are retried by the rules of their contracts. */
  readonly retries: boolean;
  readonly drain: Drain;
  readonly log: Logger;
}

const formerNameOf = (name: string) => formerName(topology, name);

const shed = counter(
  "kontor_gateway_shed_total",
  "Calls that were refused before they were made, because their upstream is overloaded.",
  ["method"],
);

function onShed({ name, parent }: DescMethod): void {
  shed.inc({ method: `${parent.typeName}/${name}` });
}

/** Creates the upstreams. Services at the same addresses share endpoints, connections and the budget of retries. */
export function createUpstreams(options: UpstreamsOptions): Upstreams {
  const { addresses, forwardedHeaders, ownMetadata, enterStream, retries, drain } = options;
  const retriesOf = ({ attempts }: Recovery) => ({ attempts: retries ? attempts : 1 });
  const metrics = poolMetrics("kontor_gateway", "endpoint");
  const pools = new Map<string, Pool>();
  const known = new Map<string, Addresses | undefined>();
  function addressesOf({ typeName }: DescService): Addresses | undefined {
    if (!known.has(typeName)) known.set(typeName, upstreamOf(addresses, typeName, formerNameOf(typeName)));
    return known.get(typeName);
  }
  function poolOf({ parent }: DescMethod): Pool {
    const found = addressesOf(parent);
    if (found === undefined) throw new RpcError(Status.UNAVAILABLE, `${parent.typeName} has no upstream.`);
    const key = found.join();
    const pool = pools.get(key) ?? createPool(found, { ...options, metrics, onShed });
    pools.set(key, pool);
    return pool;
  }
  const named = (method: DescMethod, metadata: Readonly<Record<string, string>>) => {
    const former = formerMethod(method, formerNameOf);
    return { method, metadata, former: former && { method: former, metadata } };
  };
  const outgoing = (call: Call | StreamCall) => ({
    ...named(call.method, { ...metadataOf(call, forwardedHeaders), ...ownMetadata(call) }),
    deadline: call.deadline,
    impatient: isImpatient(call),
    signal: call.signal,
  });
  const outgoingUnary = (call: Call): UnaryCall<Answer> => {
    const { method, found } = call;
    const route = found.route.method === method ? found.route : undefined;
    return {
      ...outgoing(call),
      message: call.encoded ?? call.message,
      read: (bytes, headers) => answerOf(method, route, bytes, headers),
    };
  };
  const outgoingStream = (call: Call | StreamCall) => ({
    ...outgoing(call),
    ...("messages" in call
      ? { message: create(call.method.input), messages: call.messages }
      : { message: call.message }),
  });
  async function* stream(call: Call | StreamCall): AsyncGenerator<Message> {
    using _ = drain.enter(call);
    using __ = enterStream(call);
    const { method } = call;
    try {
      yield* observationOf(method).stream(() => poolOf(method).stream(outgoingStream(call), recordAttempts(call)));
    } catch (error) {
      recordFailure(call, error);
      throw publicError(error);
    }
  }
  return {
    serves: (service) => addressesOf(service) !== undefined,
    async call(call) {
      using _ = drain.enter(call);
      const { method } = call;
      const recovery = recoveryOf(method);
      try {
        const make = () => poolOf(method).unary(outgoingUnary(call), retriesOf(recovery), recordAttempts(call));
        return await observationOf(method).call(make);
      } catch (error) {
        recordFailure(call, error);
        return fallBack(call, recovery, publicError(error));
      }
    },
    stream,
    async collect(call) {
      for await (const message of stream(call)) return { message };
      throw new RpcError(Status.INTERNAL, "", { transport: true });
    },
    async ask(method, timeoutMs, fields = {}) {
      const deadline = Date.now() + timeoutMs;
      const signal = AbortSignal.timeout(timeoutMs);
      const read = (bytes: Uint8Array) => fromBinary(method.output, bytes);
      const call = { ...named(method, {}), message: create(method.input, fields), deadline, signal, read };
      try {
        return await observationOf(method).call(() => poolOf(method).unary(call, retriesOf(recoveryOf(method))));
      } catch (error) {
        throw publicError(error);
      }
    },
    close: () => {
      for (const pool of pools.values()) pool.close();
    },
  };
}

function recordAttempts({ request }: EdgeCall): OnAttempt {
  return (address, tries) => {
    decide(request, "endpoint", address);
    if (tries > 1) decide(request, "attempts", tries);
  };
}

function fallBack(call: Call, { fallback }: Recovery, error: unknown): Answer {
  if (fallback === undefined || !(error instanceof Unreachable)) throw error;
  return fallbackAnswer(call, fallback());
}

/** Records why a call was not made, or not repeated. */
function recordFailure({ request }: EdgeCall, error: unknown): void {
  if (!(error instanceof CallFailure)) return;
  if (error.local === "shed") decide(request, "shed", true);
  else if (error.local !== undefined) decide(request, "circuit", "open");
  if (error.overBudget) decide(request, "retry", "over_budget");
}
