import type { DescMethod, Registry } from "@bufbuild/protobuf";
import { CODES, violation } from "@kontor/errors";
import { IN_FLIGHT_RETRY_MS, idempotencyErrors, isRefusalCode } from "@kontor/idempotency";
import { type MethodIdempotency, methodPolicy, type Principal } from "@kontor/policy";
import { counter, type Logger } from "@kontor/telemetry";
import {
  type Around,
  badHeader,
  type Call,
  changedCall,
  type ProblemOptions,
  problemOf,
  type Reply,
  RouteError,
  RpcError,
} from "@kontor/transcoder";
import type { FastifyRequest } from "fastify";
import { decide } from "../../decisions.ts";
import { textOf } from "../../violations.ts";
import { digest, keySpaceOf } from "../caller.ts";
import { endedBy } from "../ended-by.ts";
import { isFallback } from "../fallback-answer.ts";
import { idempotencyKeyOf } from "../idempotency-key.ts";
import { edgeErrors } from "../policy-errors.ts";
import { translated } from "../refusals.ts";
import { type AnswerStore, type Hold, type Kept, MOST_KEPT_BYTES } from "./answer-store.ts";
import { payloadDigest } from "./payload-digest.ts";

const calls = counter(
  "kontor_gateway_idempotent_calls_total",
  "Calls with an idempotency key that the edge stores: first, replayed, in_flight, reused, or unavailable.",
  ["outcome"],
);

/** The time for which a key remains claimed after the deadline of its call, if this process crashes. */
const GRACE_MS = 5_000;

/** Replays the responses of repeated calls, for RPCs whose key is only in the header. */
export interface EdgeIdempotency {
  /** Returns the rule of an RPC; undefined if the edge stores nothing for it. @throws RouteError */
  ruleOf(method: DescMethod): MethodIdempotency | undefined;
  readonly around: Around;
  /** Resolves when the response of every call in flight is stored. */
  settled(): Promise<void>;
}

/** The dependencies of the edge's idempotency. */
export interface EdgeIdempotencyOptions {
  /** Without one, calls with a key are refused. */
  readonly store: AnswerStore | undefined;
  readonly principalOf: (request: FastifyRequest) => Principal | undefined;
  readonly registry: Registry;
  readonly problems: ProblemOptions;
  readonly log: Logger;
}

/** Makes it. */
export function createEdgeIdempotency(options: EdgeIdempotencyOptions): EdgeIdempotency {
  const { store, principalOf, registry, problems, log } = options;
  const running = new Set<Promise<unknown>>();

  async function claim(
    request: FastifyRequest,
    ...asked: Parameters<AnswerStore["claim"]>
  ): ReturnType<AnswerStore["claim"]> {
    try {
      if (store !== undefined) return await store.claim(...asked);
    } catch (err) {
      log.warn({ err }, "idempotency store unavailable");
    }
    note(request, "unavailable");
    throw edgeErrors.IDEMPOTENCY_UNAVAILABLE({ retryAfterMs: 1_000 });
  }

  /**
   * Executes the call to its end, even if its client disconnects, and stores the response. A call that began after its deadline ends at
   * once.
   */
  async function carryOut(
    call: Call,
    next: (call: Call) => Promise<Reply>,
    hold: Hold,
    payload: string,
  ): Promise<Reply> {
    if (call.signal.aborted) {
      await keep(() => hold.release());
      throw call.signal.reason;
    }
    const detached = changedCall(call, endedBy(new AbortController()));
    let reply: Reply;
    try {
      reply = await next(detached);
    } catch (error) {
      const refusal = refusalOf(error, call);
      await keep(() => (refusal === undefined ? hold.release() : finish(hold, payload, refusal)));
      if (refusal === undefined) throw error;
      return refusal;
    }
    await keep(() => (isFallback(reply) ? hold.release() : finish(hold, payload, reply)));
    return reply;
  }

  /** Returns the response to an error that settles the key. */
  function refusalOf(error: unknown, { request, found }: Call): Reply | undefined {
    if (!(error instanceof RpcError) || error.transport || !settles(error.code)) return undefined;
    const { problem, headers } = problemOf(
      error,
      `urn:request:${request.id}`,
      problems,
      found.route,
      request.headers["accept-language"],
    );
    const contentType = "application/problem+json; charset=utf-8";
    return {
      status: problem.status,
      headers: { ...headers, "Content-Type": contentType },
      body: JSON.stringify(problem),
    };
  }

  async function keep(work: () => Promise<void>): Promise<void> {
    try {
      await work();
    } catch (err) {
      log.error({ err }, "response for an idempotency key not stored");
    }
  }

  return {
    ruleOf,
    around: (call, next) =>
      translated(async () => {
        const { method, request, deadline } = call;
        const rule = ruleOf(method);
        const given = rule === undefined ? undefined : idempotencyKeyOf(request);
        if (given === undefined) {
          if (rule?.required) throw badHeader("Idempotency-Key", textOf(violation("Idempotency-Key", "KEY_REQUIRED")));
          return next(call);
        }
        const name = digest(
          `${method.parent.typeName}/${method.name}\n${keySpaceOf(request, principalOf(request))}\n${given}`,
        );
        const payload = payloadDigest(call, registry);
        const claimed = await claim(request, name, payload, deadline + GRACE_MS, call.signal);
        if ("kept" in claimed) return replayOf(request, claimed.kept, payload);
        note(request, "first");
        const work = carryOut(call, next, claimed.hold, payload);
        const ended = work.then(
          () => {},
          () => {},
        );
        running.add(ended);
        void ended.then(() => running.delete(ended));
        return work;
      }),
    settled: async () => void (await Promise.all(running)),
  };
}

function settles(code: number): boolean {
  const name = CODES[code - 1];
  return name !== undefined && isRefusalCode(name);
}

function ruleOf(method: DescMethod): MethodIdempotency | undefined {
  const { idempotency } = methodPolicy(method);
  if (idempotency === undefined || idempotency.field !== "") return undefined;
  if (method.methodKind !== "unary") throw new RouteError(method, "only unary RPCs take an idempotency key");
  return idempotency;
}

function finish(hold: Hold, payload: string, reply: Reply): Promise<void> {
  const isLarge = Buffer.byteLength(reply.body ?? "") > MOST_KEPT_BYTES;
  return hold.finish(isLarge ? { state: "lost", payload } : { state: "done", payload, reply });
}

function replayOf(request: FastifyRequest, kept: Kept, payload: string): Reply {
  if (kept.payload !== payload) {
    note(request, "reused");
    throw idempotencyErrors.IDEMPOTENCY_KEY_REUSED();
  }
  switch (kept.state) {
    case "running":
      note(request, "in_flight");
      throw idempotencyErrors.IDEMPOTENCY_IN_FLIGHT({ retryAfterMs: IN_FLIGHT_RETRY_MS });
    case "lost":
      note(request, "replayed");
      throw edgeErrors.IDEMPOTENCY_ANSWER_LOST();
    case "done":
      note(request, "replayed");
      return { ...kept.reply, headers: { ...kept.reply.headers, "Idempotent-Replayed": "true" } };
  }
}

function note(request: FastifyRequest, outcome: string): void {
  calls.inc({ outcome });
  decide(request, "idempotency", outcome);
}
