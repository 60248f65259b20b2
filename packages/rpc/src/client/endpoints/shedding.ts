import { type DescMethod, ScalarType } from "@bufbuild/protobuf";
import { idempotency } from "@kontor/contracts/options/v1/options";
import { declaredOption, type FieldReader, readField } from "@kontor/policy";
import { rpcErrors } from "../../rpc-errors.ts";
import { CallFailure } from "../call-failure.ts";
import type { OutgoingCall } from "../transport/outgoing-call.ts";
import type { Endpoint } from "./endpoint.ts";

/** Refuses calls on behalf of a callee that refuses a method because it is overloaded, so that refusals cost the callee nothing. */
export interface Shedding {
  /** Returns the refusal that the call gets without being made, or undefined if it is to be made. */
  refusalFor(call: OutgoingCall, endpoints: readonly Endpoint[]): CallFailure | undefined;
  /** Notes that an endpoint carried a call out. */
  succeeded(call: OutgoingCall, endpoint: Endpoint | undefined): void;
  /** Notes that a call failed at an endpoint. */
  failed(call: OutgoingCall, endpoint: Endpoint | undefined, error: unknown): void;
}

/** The longest time for which one refusal applies to other calls. After it, one call probes whether the overload has ended. */
const LONGEST_MS = 250;
/** Time after which the refusal of an endpoint that may be gone is dropped. */
const FORGOTTEN_MS = 60_000;
/** The number of idempotency keys that are stored. */
const MAX_KEYS = 10_000;

interface Refusal {
  readonly error: CallFailure;
  readonly lastsMs: number;
  until: number;
}

/**
 * Creates the shedding of a callee. A method is shed once every endpoint has refused it with the reason OVERLOADED and a time in RetryInfo.
 * A call is still made if its idempotency key was sent before and not refused so: the callee may have a response for it. `onShed` counts.
 * `now` is in milliseconds on a monotonic clock.
 */
export function createShedding(
  onShed: (method: DescMethod) => void,
  now: () => number = () => performance.now(),
): Shedding {
  const refusals = new Map<DescMethod, Map<Endpoint, Refusal>>();
  const sent = new Set<string>();

  function remember(key: string): boolean {
    const known = sent.delete(key);
    sent.add(key);
    for (const oldest of sent) {
      if (sent.size <= MAX_KEYS) break;
      sent.delete(oldest);
    }
    return known;
  }

  return {
    refusalFor(call, endpoints) {
      const key = keyOf(call);
      if (key !== undefined && remember(key)) return undefined;
      const ofMethod = refusals.get(call.method);
      if (ofMethod === undefined || endpoints.length === 0) return undefined;
      const current = endpoints.map((endpoint) => ofMethod.get(endpoint));
      const over = current.find((refusal) => refusal === undefined || now() >= refusal.until);
      const [first] = current;
      if (first === undefined || current.includes(undefined)) return undefined;
      if (over !== undefined) {
        over.until = now() + over.lastsMs; // This call probes; those that arrive meanwhile are refused.
        return undefined;
      }
      if (key !== undefined) sent.delete(key);
      onShed(call.method);
      const { code, message, details, pushBackMs } = first.error;
      return new CallFailure(code, message, { details, pushBackMs, answered: true, local: "shed" });
    },
    succeeded({ method }, endpoint) {
      const ofMethod = refusals.get(method);
      if (ofMethod === undefined || endpoint === undefined) return;
      ofMethod.delete(endpoint);
      if (ofMethod.size === 0) refusals.delete(method);
    },
    failed(call, endpoint, error) {
      if (endpoint === undefined || !isOverload(error)) return;
      const key = keyOf(call);
      if (key !== undefined) sent.delete(key);
      const lastsMs = Math.min(error.pushBackMs ?? 0, LONGEST_MS);
      const ofMethod = refusals.get(call.method) ?? new Map<Endpoint, Refusal>();
      for (const [other, { until }] of ofMethod) if (now() - until > FORGOTTEN_MS) ofMethod.delete(other);
      refusals.set(call.method, ofMethod.set(endpoint, { error, lastsMs, until: now() + lastsMs }));
    },
  };
}

/**
 * Returns whether a callee refused a call for a queue of its own work, and named the time until a retry. A server's limit of calls in
 * flight does not count: it may be free again within a millisecond.
 */
function isOverload(error: unknown): error is CallFailure {
  if (!(error instanceof CallFailure) || !error.overloaded || error.local !== undefined) return false;
  return error.info?.domain !== rpcErrors.OVERLOADED.domain && (error.pushBackMs ?? 0) > 0;
}

const readers = new WeakMap<DescMethod, FieldReader>();

/** Returns the key in a field of the request, with its method; undefined without one. */
function keyOf({ method, message }: OutgoingCall): string | undefined {
  const read = readers.get(method) ?? keyReader(method);
  readers.set(method, read);
  const key = read(message);
  return key === "" ? undefined : `${method.name}\n${key}`;
}

function keyReader(method: DescMethod): FieldReader {
  const name = declaredOption(method, idempotency)?.field;
  const field = method.input.fields.find((each) => each.name === name);
  if (field?.scalar !== ScalarType.STRING || field.oneof !== undefined) return () => "";
  return readField(method.input, field.name);
}
