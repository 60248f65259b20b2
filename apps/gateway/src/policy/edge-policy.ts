import type { DescMethod } from "@bufbuild/protobuf";
import type { Around, EdgeCall } from "@kontor/transcoder";
import type { FastifyInstance } from "fastify";
import type { ResponseCache } from "./cache/response-cache.ts";
import type { EdgeIdempotency } from "./idempotency/edge-idempotency.ts";
import type { RateLimits } from "./rate-limit/rate-limits.ts";

/** The handling of calls that the guard has admitted. */
export interface EdgePolicy {
  /** Adds an RPC that has a route. @throws RouteError when its options contradict themselves */
  check(method: DescMethod): void;
  /** 429, before the body is read. */
  admit(call: EdgeCall): Promise<void>;
  /** Serves responses from memory and replays stored ones. */
  readonly around: Around;
  /** Adds the headers of every response. */
  mark(app: FastifyInstance): void;
}

/** The dependencies of the policy. */
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
