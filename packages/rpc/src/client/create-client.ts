import {
  create,
  type DescMessage,
  type DescMethod,
  type DescService,
  type Message,
  type MessageInitShape,
  type MessageShape,
} from "@bufbuild/protobuf";
import { MethodOptions_IdempotencyLevel as IdempotencyLevel } from "@bufbuild/protobuf/wkt";
import { isKontorError } from "@kontor/errors";
import { type CallerIdentity, knowsOptions, methodPolicy } from "@kontor/policy";
import { withSpan } from "@kontor/telemetry";
import { currentCall } from "../call-context.ts";
import { type CallObserver, callMetrics } from "../call-metrics.ts";
import type { ServerStream } from "./channel-call.ts";
import { type Circuit, createCircuit } from "./circuit.ts";
import { type CallOptions, outgoingDeadline, outgoingMetadata, outgoingSignal } from "./outgoing.ts";
import { createProof } from "./proof.ts";
import { retrying } from "./retry.ts";
import { acquireTarget, type Target } from "./targets.ts";

/** Where a client calls, and as whom. */
export interface ClientOptions {
  /**
   * `host:port`, or to balance `dns:///host:port` over all addresses of a name, `kubernetes:///service.namespace:port` over the
   * pods that the EndpointSlices of a Service name, as they come and go.
   */
  readonly address: string;
  /** How this process proves its name to RPCs that name their callers. Default: not at all. */
  readonly identity?: CallerIdentity | undefined;
  /** The longest a call takes, in milliseconds. Default: what the contract says of the RPC. Streams have no limit of their own. */
  readonly timeoutMs?: number;
  /** Whether calls may be repeated at all. Default: true; false where a mesh repeats them. */
  readonly retries?: boolean;
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
 * Makes a typed client. A call made while answering another one inherits its deadline, cancellation, user, request id and
 * trace. Calls that are idempotent by contract, or carry a required idempotency key, are tried up to 3 times while the callee
 * is UNAVAILABLE. Whatever the callee throws arrives as the same KontorError.
 *
 * ```ts
 * import { Health } from "@kontor/contracts/grpc/health/v1/health";
 * using health = createClient(Health, { address: "localhost:5054", timeoutMs: 1_000 });
 * const { status } = await health.check({ service: "" });
 * ```
 */
export function createClient<S extends DescService>(service: S, options: ClientOptions): RpcClient<S> {
  const target = acquireTarget(options.address);
  const circuit = createCircuit(service.typeName, options.address);
  const calls = service.methods.map((method) => {
    const make = method.methodKind === "unary" ? unaryCall : streamCall;
    return [method.localName, make(method, target, circuit, options)];
  });
  return Object.assign(Object.fromEntries(calls), { [Symbol.dispose]: target.release }) as RpcClient<S>;
}

function unaryCall(method: DescMethod, { channel, budget }: Target, circuit: Circuit, client: ClientOptions) {
  const traits = traitsOf(method, client);
  return (request: MessageInitShape<DescMessage>, options: CallOptions = {}): Promise<Message> =>
    withSpan(traits.fullName, traits.span, () =>
      observed(traits.observe, () => {
        const context = currentCall();
        const message = create(method.input, request);
        const deadline = outgoingDeadline(options, traits.timeoutMs, context);
        const signal = outgoingSignal(options, context);
        const metadata = outgoingMetadata(context, options.metadata);
        const call = { metadata, deadline, ...(signal && { signal }) };
        const { proof } = traits;
        const attempt = proof
          ? () =>
              proof.attempt((proven) =>
                circuit(() => channel.unary(method, message, { ...call, metadata: Object.assign(proven, metadata) })),
              )
          : () => circuit(() => channel.unary(method, message, call));
        budget.deposit();
        const { idempotent: repeatable = traits.repeatable, untilDeadline = false } = options;
        const outcome = traits.retries
          ? retrying(attempt, { repeatable, untilDeadline, budget, deadline, signal })
          : attempt();
        return outcome.then((result) => result.message);
      }),
    );
}

function streamCall(method: DescMethod, { channel }: Target, _circuit: Circuit, client: ClientOptions) {
  const { fullName, span, proof } = traitsOf(method, client);
  return (request: MessageInitShape<DescMessage>, options: CallOptions = {}): ServerStream<Message> =>
    withSpan(fullName, span, () => {
      const context = currentCall();
      const signal = outgoingSignal(options, context);
      return channel.serverStream(method, create(method.input, request), {
        metadata: { ...proof?.metadata(), ...outgoingMetadata(context, options.metadata) },
        deadline: outgoingDeadline(options, Number.POSITIVE_INFINITY, context),
        ...(signal && { signal }),
      });
    });
}

function traitsOf(method: DescMethod, client: ClientOptions) {
  const { parent, name, idempotency } = method;
  const policy = knowsOptions(method) ? methodPolicy(method) : undefined;
  return {
    fullName: `${parent.typeName}/${name}`,
    span: { kind: "client", attributes: { "rpc.system": "grpc", "rpc.service": parent.typeName, "rpc.method": name } },
    observe: callMetrics("client", method),
    proof:
      policy?.auth.kind === "internal" && client.identity ? createProof(client.identity, parent.typeName) : undefined,
    timeoutMs: client.timeoutMs ?? policy?.timeoutMs ?? 15_000,
    retries: client.retries ?? true,
    repeatable: idempotency !== IdempotencyLevel.IDEMPOTENCY_UNKNOWN || (policy?.idempotency?.required ?? false),
  } as const;
}

async function observed<T>(observe: CallObserver, call: () => Promise<T>): Promise<T> {
  const startedAt = performance.now();
  try {
    const result = await call();
    observe("OK", startedAt);
    return result;
  } catch (error) {
    observe(isKontorError(error) ? error.code : "UNKNOWN", startedAt);
    throw error;
  }
}
