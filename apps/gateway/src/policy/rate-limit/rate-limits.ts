import { type DescMethod, getOption, hasOption } from "@bufbuild/protobuf";
import { rate_limit } from "@kontor/contracts/options/v1/options";
import type { Principal } from "@kontor/policy";
import { counter } from "@kontor/telemetry";
import { type EdgeCall, RouteError } from "@kontor/transcoder";
import type { FastifyInstance, FastifyRequest } from "fastify";
import { decide } from "../../decisions.ts";
import { countedAs } from "../caller.ts";
import { edgeErrors } from "../policy-errors.ts";
import { translated } from "../refusals.ts";
import type { RateLimitClass } from "./classes.ts";
import type { Limiter, Verdict } from "./limiter.ts";

const decisions = counter(
  "kontor_gateway_rate_limit_decisions_total",
  "Requests that were counted: allowed, allowed_alone (without the shared counters), limited, or refused (uncountable).",
  ["class", "outcome"],
);

/** Holds requests against the limits of their classes. */
export interface RateLimits {
  /** @throws RouteError when the RPC names a class that nobody configured */
  check(method: DescMethod): void;
  /** Counts a request. @throws RpcError 429, or 503 when it cannot be counted and must be */
  admit(call: EdgeCall): Promise<void>;
  /** Tells clients where they stand, on every answer to a counted request. */
  mark(app: FastifyInstance): void;
}

/** What limits are made from. */
export interface RateLimitsOptions {
  readonly classes: ReadonlyMap<string, RateLimitClass>;
  readonly limiter: Limiter;
  readonly principalOf: (request: FastifyRequest) => Principal | undefined;
}

/** Applies the classes of contracts to callers. */
export function createRateLimits({ classes, limiter, principalOf }: RateLimitsOptions): RateLimits {
  const counted = new WeakMap<FastifyRequest, Readonly<Record<string, string>>>();
  const classOf = (method: DescMethod): RateLimitClass => {
    const name = hasOption(method, rate_limit) ? getOption(method, rate_limit).class : "default";
    const found = classes.get(name);
    if (found === undefined) throw new RouteError(method, `GATEWAY_RATE_LIMITS has no class "${name}"`);
    return found;
  };
  return {
    check: (method) => void classOf(method),
    admit: ({ method, request }) =>
      translated(async () => {
        const limits = classOf(method);
        const verdict = await limiter.take(limits, countedAs(request, principalOf(request))).catch((error: unknown) => {
          note(request, limits, "refused");
          throw error;
        });
        counted.set(request, headersOf(limits, verdict));
        note(request, limits, verdict.allowed ? (verdict.local ? "allowed_alone" : "allowed") : "limited");
        if (!verdict.allowed) throw edgeErrors.RATE_LIMITED({ class: limits.name }, { retryAfterMs: verdict.resetMs });
      }),
    mark(app) {
      app.addHook("onSend", (request, reply, payload, done) => {
        const headers = counted.get(request);
        if (headers !== undefined) reply.headers(headers);
        done(null, payload);
      });
    },
  };
}

function note(request: FastifyRequest, { name }: RateLimitClass, outcome: string): void {
  decisions.inc({ class: name, outcome });
  decide(request, "limited", outcome);
}

/** The headers of draft-ietf-httpapi-ratelimit-headers. */
function headersOf({ name, limit, windowMs }: RateLimitClass, { remaining, resetMs }: Verdict): Record<string, string> {
  return {
    "RateLimit-Policy": `"${name}";q=${limit};w=${windowMs / 1_000}`,
    RateLimit: `"${name}";r=${remaining};t=${Math.ceil(resetMs / 1_000)}`,
  };
}
