import { type DescMethod, fromJsonString, type Message, type Registry } from "@bufbuild/protobuf";
import { MethodOptions_IdempotencyLevel as IdempotencyLevel } from "@bufbuild/protobuf/wkt";
import { fallback, idempotency, retry } from "@kontor/contracts/options/v1/options";
import { declaredOption } from "@kontor/policy";
import { RouteError } from "@kontor/transcoder";

/** The edge's handling of a failing upstream, for one RPC. */
export interface Recovery {
  /** How often a call is tried in all. */
  readonly attempts: number;
  /** Returns the response for the case that no upstream responds. */
  readonly fallback?: () => Message;
}

const known = new WeakMap<DescMethod, Recovery>();
const DEFAULT_ATTEMPTS = 2;

/** Returns the recovery of an RPC by its contract. `types` resolves the contents of `Any`. @throws RouteError */
export function recoveryOf(method: DescMethod, types?: Registry): Recovery {
  const recovery = known.get(method) ?? read(method, types);
  known.set(method, recovery);
  return recovery;
}

function read(method: DescMethod, types: Registry | undefined): Recovery {
  const attempts = attemptsOf(method);
  const declared = declaredOption(method, fallback);
  if (declared === undefined) return { attempts };
  if (method.methodKind !== "unary") throw new RouteError(method, "fallback: streams cannot have one.");
  const make = () => fromJsonString(method.output, declared.json, types && { registry: types });
  try {
    make();
  } catch (cause) {
    throw new RouteError(method, `fallback: ${cause instanceof Error ? cause.message : String(cause)}`);
  }
  return { attempts, fallback: make };
}

function attemptsOf(method: DescMethod): number {
  const declared = declaredOption(method, retry);
  if (declared !== undefined) {
    const { attempts } = declared;
    if (attempts !== 0 && (attempts < 2 || attempts > 3)) throw new RouteError(method, "retry: attempts are 2 to 3.");
    return attempts || DEFAULT_ATTEMPTS;
  }
  const repeatable = method.idempotency !== IdempotencyLevel.IDEMPOTENCY_UNKNOWN;
  const key = declaredOption(method, idempotency);
  const recognised = key?.required && key.field !== ""; // A key in the header alone is unknown to the upstream.
  return repeatable || recognised ? DEFAULT_ATTEMPTS : 1;
}
