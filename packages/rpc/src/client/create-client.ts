import {
  create,
  type DescMessage,
  type DescMethod,
  type DescService,
  fromBinary,
  type Message,
  type MessageInitShape,
  type MessageShape,
} from "@bufbuild/protobuf";
import { MethodOptions_IdempotencyLevel as IdempotencyLevel } from "@bufbuild/protobuf/wkt";
import { status as Status } from "@grpc/grpc-js";
import { isKontorError, type KontorError } from "@kontor/errors";
import { type CallerIdentity, knowsOptions, methodPolicy } from "@kontor/policy";
import { createLogger, type Logger } from "@kontor/telemetry";
import { currentCall } from "../call-context.ts";
import { type FormerNameOf, formerMethod } from "../former-service.ts";
import { rpcErrors } from "../rpc-errors.ts";
import { fromDetails } from "../status.ts";
import { CallFailure } from "./call-failure.ts";
import { observationOf } from "./observe-call.ts";
import { type CallOptions, outgoingDeadline, outgoingMetadata, outgoingSignal } from "./outgoing.ts";
import { createProof } from "./proof.ts";
import { openServerStream, type ServerStream } from "./server-stream.ts";
import { acquirePool, type SharedPool } from "./shared-pools.ts";
import type { Transport } from "./transport/channel.ts";

/** The address that a client calls, and the identity that it calls with. */
export interface ClientOptions {
  /**
   * `host:port`, or a list of them with commas; `dns:///host:port` for all addresses of a name; `kubernetes:///service.namespace:port`
   * for the pods that the EndpointSlices of a Service name, as they come and go.
   */
  readonly address: string;
  /** How this process proves its name to RPCs that name their callers. Default: not at all. */
  readonly identity?: CallerIdentity | undefined;
  /** The most milliseconds of a call. Default: the deadline in the RPC's contract. Streams have no such limit. */
  readonly timeoutMs?: number;
  /**
   * Whether calls that their callee may have processed are repeated. Default: true; false where a mesh repeats them. Calls that no callee
   * has begun to process always are.
   */
  readonly retries?: boolean;
  /** The names that services had before: a callee of that version is called by them. Default: all have the same. */
  readonly formerNameOf?: FormerNameOf | undefined;
  /** The transport of unary calls. Default: http2. */
  readonly transport?: Transport;
  /** Receives changes of endpoints and their circuits. Default: none. */
  readonly log?: Logger;
}

type Call<M> = M extends {
  methodKind: infer K;
  input: infer I extends DescMessage;
  output: infer O extends DescMessage;
}
  ? K extends "unary"
    ? (request: MessageInitShape<I>, options?: CallOptions) => Promise<MessageShape<O>>
    : K extends "server_streaming"
      ? (request: MessageInitShape<I>, options?: CallOptions) => ServerStream<MessageShape<O>>
      : never
  : never;

/** A service as a caller sees it: one function per RPC. Disposing it releases its connection. */
export type RpcClient<S extends DescService> = { readonly [K in keyof S["method"]]: Call<S["method"][K]> } & Disposable;

/**
 * Makes a typed client. A call made within a handler inherits the handled call's deadline, cancellation, user, request id and
 * trace. Calls that are idempotent by contract, or carry a required idempotency key, are tried up to 3 times while the callee
 * is UNAVAILABLE. An error that the callee throws arrives as the same KontorError.
 *
 * ```ts
 * import { Health } from "@kontor/contracts/grpc/health/v1/health";
 * using health = createClient(Health, { address: "localhost:5054", timeoutMs: 1_000 });
 * const { status } = await health.check({ service: "" });
 * ```
 */
export function createClient<S extends DescService>(service: S, options: ClientOptions): RpcClient<S> {
  const { address, transport = "http2", log = createLogger({ service: "rpc", level: "silent" }) } = options;
  const pool = acquirePool({ service: service.typeName, address, transport }, log);
  const calls = service.methods.map((method) => {
    const make = method.methodKind === "unary" ? unaryCall : streamCall;
    return [method.localName, make(method, pool, options)];
  });
  return Object.assign(Object.fromEntries(calls), { [Symbol.dispose]: pool.release }) as RpcClient<S>;
}

function unaryCall(method: DescMethod, pool: SharedPool, client: ClientOptions) {
  const { service, proof, former, timeoutMs, retries, ...traits } = traitsOf(method, client);
  const observed = observationOf(method);
  const read = (bytes: Uint8Array) => fromBinary(method.output, bytes);
  return (request: MessageInitShape<DescMessage>, options: CallOptions = {}): Promise<Message> =>
    observed.call(() => {
      const context = currentCall();
      const message = create(method.input, request);
      const deadline = outgoingDeadline(options, timeoutMs, context);
      const signal = outgoingSignal(options, context);
      const metadata = outgoingMetadata(context, options.metadata);
      const repeatable = retries && (options.idempotent ?? traits.repeatable);
      const untilDeadline = repeatable && (options.untilDeadline ?? false);
      const terms = { attempts: repeatable ? ATTEMPTS : 1, untilDeadline, afterOverload: true };
      const call = { method, message, metadata, deadline, signal, read };
      const make = (proven: Readonly<Record<string, string>>) =>
        pool
          .unary({ ...call, metadata: { ...proven, ...metadata }, former: former?.(metadata) }, terms)
          .catch((error: unknown) => Promise.reject(clientError(service, error)));
      return proof ? proof.attempt(make) : make({});
    });
}

function streamCall(method: DescMethod, pool: SharedPool, client: ClientOptions) {
  const { service, proof, former } = traitsOf(method, client);
  const observed = observationOf(method);
  return (request: MessageInitShape<DescMessage>, options: CallOptions = {}): ServerStream<Message> =>
    openServerStream(async function* (onHeaders) {
      const open = () => {
        const context = currentCall();
        const metadata = outgoingMetadata(context, options.metadata);
        return pool.stream({
          method,
          message: create(method.input, request),
          metadata: { ...proof?.metadata(), ...metadata },
          former: former?.(metadata),
          deadline: outgoingDeadline(options, Number.POSITIVE_INFINITY, context),
          signal: outgoingSignal(options, context),
          onHeaders,
        });
      };
      try {
        yield* observed.stream(open);
      } catch (error) {
        throw clientError(service, error);
      }
    });
}

const ATTEMPTS = 3;

function traitsOf(method: DescMethod, { identity, timeoutMs, retries = true, formerNameOf }: ClientOptions) {
  const { parent, idempotency } = method;
  const policy = knowsOptions(method) ? methodPolicy(method) : undefined;
  const former = formerMethod(method, formerNameOf);
  const formerName = former?.parent.typeName;
  const proof =
    policy?.auth.kind === "internal" && identity ? createProof(identity, parent.typeName, formerName) : undefined;
  return {
    service: parent.typeName,
    proof,
    former:
      former &&
      ((metadata: Readonly<Record<string, string>>) => ({
        method: former,
        metadata: { ...proof?.metadata(formerName), ...metadata },
      })),
    timeoutMs: timeoutMs ?? policy?.timeoutMs ?? 15_000,
    retries,
    repeatable: idempotency !== IdempotencyLevel.IDEMPOTENCY_UNKNOWN || (policy?.idempotency?.required ?? false),
  } as const;
}

/**
 * Returns the KontorError that a caller of `service` receives: the callee's error, or the reason why the call was not made or was
 * cancelled.
 */
function clientError(service: string, error: unknown): KontorError {
  if (isKontorError(error)) return error;
  if (!(error instanceof CallFailure)) return rpcErrors.CANCELLED({ cause: error });
  const { code, message, details, pushBackMs: retryAfterMs, local } = error;
  const facts = { cause: error, ...(retryAfterMs !== undefined && { retryAfterMs }) };
  if (local === "circuit-open") return rpcErrors.CIRCUIT_OPEN({ service }, facts);
  if (local === "unresponsive") return rpcErrors.CALLEE_UNRESPONSIVE({ service }, facts);
  return fromDetails({ code: local === undefined ? code : Status.UNAVAILABLE, message, details, cause: error });
}
