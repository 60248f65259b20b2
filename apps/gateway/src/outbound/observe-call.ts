import type { DescMethod } from "@bufbuild/protobuf";
import { type CallObserver, callMetrics, codeName } from "@kontor/rpc";
import { type SpanOptions, withSpan } from "@kontor/telemetry";
import { RpcError, Status } from "@kontor/transcoder";

interface Traits {
  readonly name: string;
  readonly span: SpanOptions;
  readonly observe: CallObserver;
}

const known = new WeakMap<DescMethod, Traits>();

/** Makes a call in a span of its own, counted and timed. */
export function observeCall<T>(method: DescMethod, call: () => Promise<T>): Promise<T> {
  const { name, span, observe } = traitsOf(method);
  const startedAt = performance.now();
  return withSpan(name, span, async (active) => {
    try {
      const answer = await call();
      active.setAttribute("rpc.grpc.status_code", 0);
      observe("OK", startedAt);
      return answer;
    } catch (error) {
      const code = error instanceof RpcError ? error.code : Status.UNKNOWN;
      active.setAttribute("rpc.grpc.status_code", code);
      observe(codeName(code), startedAt);
      throw error;
    }
  });
}

/** Observes a stream, from its opening to its end or its cancellation. */
export async function* observeStream<T>(method: DescMethod, open: () => AsyncIterable<T>): AsyncGenerator<T> {
  const opened = Promise.withResolvers<AsyncIterable<T>>();
  const ended = Promise.withResolvers<void>();
  const observed = observeCall(method, () => {
    opened.resolve((async () => open())());
    return ended.promise;
  });
  observed.catch(() => {}); // The consumer of the iterator receives the error.
  try {
    yield* await opened.promise;
  } catch (error) {
    ended.reject(error);
    throw error;
  } finally {
    ended.resolve();
  }
}

function traitsOf(method: DescMethod): Traits {
  const traits = known.get(method) ?? makeTraits(method);
  known.set(method, traits);
  return traits;
}

function makeTraits(method: DescMethod): Traits {
  const { parent, name } = method;
  const attributes = { "rpc.system": "grpc", "rpc.service": parent.typeName, "rpc.method": name };
  return {
    name: `${parent.typeName}/${name}`,
    span: { kind: "client", attributes },
    observe: callMetrics("client", method),
  };
}
