import { type DescMethod, fromJsonString, getOption, hasOption, type Message, type Registry } from "@bufbuild/protobuf";
import type { GenExtension } from "@bufbuild/protobuf/codegenv2";
import { MethodOptions_IdempotencyLevel as IdempotencyLevel, type MethodOptions } from "@bufbuild/protobuf/wkt";
import { fallback, idempotency, retry } from "@kontor/contracts/options/v1/options";
import { RouteError } from "@kontor/transcoder";

/** What the edge does when the upstream of an RPC fails. */
export interface Recovery {
  /** How often a call is tried in all. */
  readonly attempts: number;
  /** Makes the answer that is given when no upstream can. */
  readonly fallback?: () => Message;
}

const known = new WeakMap<DescMethod, Recovery>();
const DEFAULT_ATTEMPTS = 2;

/** How to recover from failures of an RPC, as its contract says. `types` resolves what `Any` holds. @throws RouteError */
export function recoveryOf(method: DescMethod, types?: Registry): Recovery {
  const recovery = known.get(method) ?? read(method, types);
  known.set(method, recovery);
  return recovery;
}

function read(method: DescMethod, types: Registry | undefined): Recovery {
  const attempts = attemptsOf(method);
  const declared = optionOf(method, fallback);
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
  const declared = optionOf(method, retry);
  if (declared !== undefined) {
    const { attempts } = declared;
    if (attempts !== 0 && (attempts < 2 || attempts > 3)) throw new RouteError(method, "retry: attempts are 2 to 3.");
    return attempts || DEFAULT_ATTEMPTS;
  }
  const repeatable = method.idempotency !== IdempotencyLevel.IDEMPOTENCY_UNKNOWN;
  const key = optionOf(method, idempotency);
  const recognised = key?.required && key.field !== ""; // A key in the header alone is unknown to the upstream.
  return repeatable || recognised ? DEFAULT_ATTEMPTS : 1;
}

/** An option of ours; undefined also where a contract does not know ours, and may mean something else by the number. */
function optionOf<V>(method: DescMethod, option: GenExtension<MethodOptions, V>): V | undefined {
  const knows = method.parent.file.dependencies.some(({ name }) => name === option.file.name);
  return knows && hasOption(method, option) ? (getOption(method, option) as V) : undefined;
}
