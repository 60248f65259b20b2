import type { DescMethod } from "@bufbuild/protobuf";
import type { Around, EdgeCall } from "@kontor/transcoder";
import type { FastifyInstance } from "fastify";
import type { ResponseCache } from "./cache/response-cache.ts";
import type { EdgeIdempotency } from "./idempotency/edge-idempotency.ts";
import type { RateLimits } from "./rate-limit/rate-limits.ts";

/** What the edge does about calls that the guard has let in. */
export interface EdgePolicy {
  /** Learns of an RPC that has a route. @throws RouteError when its options contradict themselves */
  check(method: DescMethod): void;
  /** 429, before the body is read. */
  admit(call: EdgeCall): Promise<void>;
  /** Answers from memory and replays. */
  readonly around: Around;
  /** Adds headers that every answer carries. */
  mark(app: FastifyInstance): void;
}

/** What the policy is made of. */
export interface EdgePolicyParts {
  readonly rateLimits: RateLimits;
  readonly idempotency: EdgeIdempotency;
  readonly cache: ResponseCache;
}

/** Applies the parts in their order: limits, then limits by a field of the message, replays, the cache. */
export function createEdgePolicy({ rateLimits, idempotency, cache }: EdgePolicyParts): EdgePolicy {
  return {
    check(method) {
      rateLimits.check(method);
      idempotency.ruleOf(method);
      cache.check(method);
    },
    admit: rateLimits.admit,
    async around(call, next) {
      await rateLimits.admitMessage(call);
      return idempotency.around(call, (made) => cache.around(made, next));
    },
    mark: rateLimits.mark,
  };
}

/** The policy for contracts that carry none of our options. */
export const noPolicy: EdgePolicy = {
  check: () => {},
  admit: async () => {},
  around: (call, next) => next(call),
  mark: () => {},
};
