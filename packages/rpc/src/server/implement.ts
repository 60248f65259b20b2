import type { DescMessage, DescMethod, DescService, MessageInitShape, MessageShape } from "@bufbuild/protobuf";
import type { CallContext } from "../call-context.ts";

type Shapes<I, O, K> = {
  readonly input: I;
  readonly output: O;
  readonly methodKind: K;
};

/** Handles one RPC. Returns a promise of the response, or an async generator where the RPC streams. */
export type Handler<M> =
  M extends Shapes<infer I extends DescMessage, infer O extends DescMessage, "unary">
    ? (request: MessageShape<I>, context: CallContext) => Promise<MessageInitShape<O>>
    : M extends Shapes<infer I extends DescMessage, infer O extends DescMessage, "server_streaming">
      ? (request: MessageShape<I>, context: CallContext) => AsyncIterable<MessageInitShape<O>>
      : never;

/** One handler for each RPC of a service. */
export type Handlers<S extends DescService> = { readonly [K in keyof S["method"]]: Handler<S["method"][K]> };

type Answer<H> = H extends (...input: never) => infer R
  ? R extends Promise<infer M> | AsyncIterable<infer M>
    ? M
    : never
  : never;

/** Refuses a response field that the contract does not have; TypeScript alone accepts it in a function's result. */
export type Exact<S extends DescService, H> = {
  readonly [K in keyof H]: K extends keyof S["method"]
    ? S["method"][K] extends { readonly output: infer O extends DescMessage }
      ? Exclude<keyof Answer<H[K]>, keyof MessageShape<O>> extends never
        ? unknown
        : { readonly "the contract has no response field": Exclude<keyof Answer<H[K]>, keyof MessageShape<O>> }
      : never
    : { readonly "the contract has no RPC": K };
};

/** A handler as the server calls it. */
export type AnyHandler = (request: object, context: CallContext) => Promise<object> | AsyncIterable<object>;

/** A service of the contract with its handlers. */
export interface Implementation {
  /** The service of the contract. */
  readonly service: DescService;
  /** Returns the handler of an RPC. */
  handlerOf(method: DescMethod): AnyHandler;
}

/**
 * Binds handlers to a service of the contract. A missing RPC, an unknown RPC or an unknown response field does not compile. Handlers throw
 * KontorErrors for expected failures; any other error is a bug and becomes INTERNAL.
 *
 * ```ts
 * import { Health, HealthCheckResponse_ServingStatus as Status } from "@kontor/contracts/grpc/health/v1/health";
 * const health = implement(Health, {
 *   check: async () => ({ status: Status.SERVING }),
 *   async *watch() {
 *     yield { status: Status.SERVING };
 *   },
 * });
 * ```
 */
export function implement<S extends DescService, const H extends Handlers<S>>(
  service: S,
  handlers: H & Exact<S, H>,
): Implementation {
  const byName = handlers as unknown as Readonly<Record<string, AnyHandler | undefined>>;
  for (const method of service.methods)
    if (typeof byName[method.localName] !== "function")
      throw new TypeError(`${service.typeName}/${method.name} has no handler.`);
  return {
    service,
    handlerOf(method) {
      const handler = byName[method.localName];
      if (!handler) throw new TypeError(`${service.typeName} has no RPC ${method.name}.`);
      return handler;
    },
  };
}
