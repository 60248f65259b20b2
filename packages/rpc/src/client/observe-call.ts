import type { DescMethod } from "@bufbuild/protobuf";
import { type Code, isKontorError } from "@kontor/errors";
import { type SpanOptions, withSpan } from "@kontor/telemetry";
import { type CallObserver, callMetrics } from "../call-metrics.ts";
import { codeName, codeNumber } from "../status.ts";

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
      const result = await call();
      active.setAttribute("rpc.grpc.status_code", 0);
      observe("OK", startedAt);
      return result;
    } catch (error) {
      const code = codeOf(error);
      active.setAttribute("rpc.grpc.status_code", codeNumber(code));
      observe(code, startedAt);
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

/** Returns the code of a failure, and of the reason that a call was cancelled for. */
function codeOf(error: unknown): Code {
  if (isKontorError(error)) return error.code;
  const code = typeof error === "object" && error !== null && "code" in error ? error.code : undefined;
  return typeof code === "number" ? codeName(code) : "UNKNOWN";
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
