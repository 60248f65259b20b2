import { createHash } from "node:crypto";
import { createFaultyCalls, type Faults } from "./faults.ts";
import type { Answer, Call, Route } from "./http-api.ts";
import { HttpError } from "./http-error.ts";
import type { Change, Journal, Resource } from "./journal.ts";

/** The effect of an operation, and its response, for the first request and each repetition of its key. */
export interface Outcome<R extends Resource> extends Change<R> {
  /** The HTTP status of the response. */
  readonly status: number;
  /** The body of the response. */
  readonly answer: object;
  /** Loses the first response, but not the effect. */
  readonly loseAfterMs?: number;
}

/** An operation that a caller can request, once per idempotency key. */
export type Perform<R extends Resource> = (call: Call) => Outcome<R>;

/**
 * Makes POST routes of operations. `Idempotency-Key` is required; the same key and body get the first response with
 * `Idempotent-Replayed: true`; the same key with another body or path gets 409. A refused operation does not use up its
 * key, since it had no effect. An operation never awaits, so two of them cannot interleave.
 */
export function createOperations<R extends Resource>(
  journal: Journal<R>,
  faults: Faults,
): (path: string, perform: Perform<R>) => Route {
  const faulty = createFaultyCalls(faults);

  function once(call: Call, perform: Perform<R>): Answer {
    const key = requireKey(call);
    const fingerprint = createHash("sha256")
      .update(`${call.path}\n${JSON.stringify(call.body)}`)
      .digest("hex");
    const first = journal.operation(key);
    if (!first) {
      const { status, answer, loseAfterMs, ...change } = perform(call);
      journal.record(change, { key, fingerprint, status, answer });
      return { status, body: answer, ...(loseAfterMs !== undefined && { loseAfterMs }) };
    }
    if (first.fingerprint === fingerprint) {
      return { status: first.status, body: first.answer, headers: { "idempotent-replayed": "true" } };
    }
    throw new HttpError(409, "idempotency_key_reused", `The key ${key} belongs to another request.`);
  }

  return (path, perform) => ({
    method: "POST",
    path,
    handle: (call) => faulty(() => once(call, perform)),
  });
}

function requireKey(call: Call): string {
  const key = call.headers["idempotency-key"];
  if (typeof key === "string" && key !== "" && key.length <= 255) return key;
  throw new HttpError(422, "idempotency_key_required", "Send an Idempotency-Key header of 1 to 255 characters.");
}
