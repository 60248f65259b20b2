import type { DescMethod, Message } from "@bufbuild/protobuf";
import { reflect } from "@bufbuild/protobuf/reflect";
import { idempotency } from "@kontor/contracts/options/v1/options";
import { declaredOption } from "@kontor/policy";
import { counter } from "@kontor/telemetry";
import { RpcError } from "@kontor/transcoder";
import type { Outgoing } from "./channel.ts";
import type { Endpoint } from "./endpoint.ts";
import { isOverload, type UpstreamError } from "./upstream-error.ts";

/** A refusal of an overloaded upstream that answers another call of the same method. */
export class Shed extends RpcError {}

/** Answers calls in place of an upstream that refuses a method because it is overloaded, so that refusals cost the upstream nothing. */
export interface Shedding {
  /** Returns the refusal that the call gets without being made, or undefined if it is to be made. */
  refusalFor(call: Outgoing, endpoints: readonly Endpoint[]): Shed | undefined;
  /** Notes that an endpoint carried a call out. */
  succeeded(call: Outgoing, endpoint: Endpoint | undefined): void;
  /** Notes that a call failed at an endpoint. */
  failed(call: Outgoing, endpoint: Endpoint | undefined, error: unknown): void;
}

/** Longest time that one refusal answers other calls. Each time it is over, one call is made to see whether the overload is. */
const LONGEST_MS = 250;
/** Time after which the refusal of an endpoint that may be gone is dropped. */
const FORGOTTEN_MS = 60_000;
/** How many idempotency keys are remembered. */
const MAX_KEYS = 10_000;

const shed = counter(
  "kontor_gateway_shed_total",
  "Calls that a refusal of an overloaded upstream answered before they were made.",
  ["method"],
);

interface Refusal {
  readonly error: UpstreamError;
  readonly lastsMs: number;
  until: number;
}

/**
 * Creates the shedding of an upstream. A method is shed once every endpoint has refused it with the reason OVERLOADED and a time in
 * RetryInfo, whatever service that is. A call is made all the same if its idempotency key was sent before and not refused so: the
 * upstream may have an answer for it. `now` is in milliseconds on a clock that never goes back.
 */
export function createShedding(now: () => number = () => performance.now()): Shedding {
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
        over.until = now() + over.lastsMs; // This call finds out; those that come meanwhile do not.
        return undefined;
      }
      if (key !== undefined) sent.delete(key);
      const { name, parent } = call.method;
      shed.inc({ method: `${parent.typeName}/${name}` });
      const { code, message, details } = first.error;
      return new Shed(code, message, { details });
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

const readers = new WeakMap<DescMethod, (message: Message) => string>();

/** The key that a field of the request carries, with its method; undefined without one. */
function keyOf({ method, message }: Outgoing): string | undefined {
  const read = readers.get(method) ?? keyReader(method);
  readers.set(method, read);
  const key = read(message);
  return key === "" ? undefined : `${method.name}\n${key}`;
}

function keyReader(method: DescMethod): (message: Message) => string {
  const name = declaredOption(method, idempotency)?.field;
  const field = method.input.fields.find((each) => each.name === name);
  if (field?.fieldKind !== "scalar") return () => "";
  return (message) => String(reflect(method.input, message).get(field));
}
