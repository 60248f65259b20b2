import type { DescMethod } from "@bufbuild/protobuf";
import { type Code, isKontorError } from "@kontor/errors";
import { type SpanOptions, withSpan } from "@kontor/telemetry";
import { callMetrics } from "../call-metrics.ts";
import { codeName, codeNumber } from "../status.ts";

/** Observes the calls of one method: each has its own span, and is counted and timed. */
export interface CallObservation {
  call<T>(make: () => Promise<T>): Promise<T>;
  /** Observes a stream, from its opening to its end or its cancellation. */
  stream<T>(open: () => AsyncIterable<T>): AsyncGenerator<T>;
}

const known = new WeakMap<DescMethod, CallObservation>();

/** Returns the observation of a method, which all its callers share. */
export function observationOf(method: DescMethod): CallObservation {
  const observation = known.get(method) ?? observe(method);
  known.set(method, observation);
  return observation;
}

function observe(method: DescMethod): CallObservation {
  const { parent, name } = method;
  const fullName = `${parent.typeName}/${name}`;
  const attributes = { "rpc.system": "grpc", "rpc.service": parent.typeName, "rpc.method": name };
  const span: SpanOptions = { kind: "client", attributes };
  const record = callMetrics("client", method);

  function call<T>(make: () => Promise<T>): Promise<T> {
    const startedAt = performance.now();
    return withSpan(fullName, span, async (active) => {
      try {
        const result = await make();
        active.setAttribute("rpc.grpc.status_code", 0);
        record("OK", startedAt);
        return result;
      } catch (error) {
        const code = codeOf(error);
        active.setAttribute("rpc.grpc.status_code", codeNumber(code));
        record(code, startedAt);
        throw error;
      }
    });
  }
  async function* stream<T>(open: () => AsyncIterable<T>): AsyncGenerator<T> {
    const opened = Promise.withResolvers<AsyncIterable<T>>();
    const ended = Promise.withResolvers<void>();
    const observed = call(() => {
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
  return { call, stream };
}

/** Returns the code of a failure, and of the reason that a call was cancelled for. */
function codeOf(error: unknown): Code {
  if (isKontorError(error)) return error.code;
  const code = typeof error === "object" && error !== null && "code" in error ? error.code : undefined;
  return typeof code === "number" ? codeName(code) : "UNKNOWN";
}
