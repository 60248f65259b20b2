import { type DescMethod, getOption, hasOption } from "@bufbuild/protobuf";
import { rate_limit } from "@kontor/contracts/options/v1/options";
import { type FieldReader, type Principal, readField } from "@kontor/policy";
import { counter } from "@kontor/telemetry";
import { type Call, type EdgeCall, RouteError } from "@kontor/transcoder";
import type { FastifyInstance, FastifyRequest } from "fastify";
import { decide } from "../../decisions.ts";
import { countedAs, digest } from "../caller.ts";
import { edgeErrors } from "../policy-errors.ts";
import { translated } from "../refusals.ts";
import type { RateLimitClass } from "./classes.ts";
import type { Limiter, Verdict } from "./limiter.ts";

const decisions = counter(
  "kontor_gateway_rate_limit_decisions_total",
  "Requests that were counted: allowed, allowed_alone (without the shared counters), limited, or refused (uncountable).",
  ["class", "outcome"],
);

/** Checks requests against the limits of their classes. */
export interface RateLimits {
  /** @throws RouteError when the RPC names a class that is not configured */
  check(method: DescMethod): void;
  /** Counts a request by its caller. @throws RpcError 429, or 503 when it cannot be counted and must be */
  admit(call: EdgeCall): Promise<void>;
  /** Counts a request by the field that its contract names, once its message is there. @throws as `admit` */
  admitMessage(call: Call): Promise<void>;
  /** Adds the state of the limit to the headers of every response to a counted request. */
  mark(app: FastifyInstance): void;
}

/** The dependencies of the limits. */
export interface RateLimitsOptions {
  readonly classes: ReadonlyMap<string, RateLimitClass>;
  readonly limiter: Limiter;
  readonly principalOf: (request: FastifyRequest) => Principal | undefined;
}

/** Applies the classes of contracts to callers. */
export function createRateLimits({ classes, limiter, principalOf }: RateLimitsOptions): RateLimits {
  const rules = new WeakMap<DescMethod, Rule>();
  const ruleOf = (method: DescMethod): Rule => {
    const rule = rules.get(method) ?? readRule(method, classes);
    rules.set(method, rule);
    return rule;
  };
  const count = (request: FastifyRequest, limits: RateLimitClass, key: string) =>
    translated(async () => {
      const verdict = await limiter.take(limits, key).catch((error: unknown) => {
        note(request, limits, "refused");
        throw error;
      });
      (request as Counted)[headersKey] = headersOf(limits, verdict);
      note(request, limits, verdict.allowed ? (verdict.local ? "allowed_alone" : "allowed") : "limited");
      if (!verdict.allowed) throw edgeErrors.RATE_LIMITED({ class: limits.name }, { retryAfterMs: verdict.resetMs });
    });
  return {
    check: (method) => void ruleOf(method),
    admit: ({ method, request }) => count(request, ruleOf(method).byCaller, countedAs(request, principalOf(request))),
    async admitMessage(call) {
      const { method, request } = call;
      const { byField } = ruleOf(method);
      if (byField === undefined) return;
      const [key = ""] = byField.read(call.encoded ?? call.message).split(".");
      if (key !== "") await count(request, byField.limits, digest(`field ${key}`));
    },
    mark(app) {
      app.addHook("onSend", (request, reply, payload, done) => {
        const headers = (request as Counted)[headersKey];
        if (headers !== undefined) reply.headers(headers);
        done(null, payload);
      });
    },
  };
}

/** The property of a request that contains the headers of its response. */
const headersKey = Symbol("limits");
type Counted = FastifyRequest & { [headersKey]?: Readonly<Record<string, string>> };

/** Returns the keys that count a request of a method: its caller, and possibly a field. */
type Rule = {
  readonly byCaller: RateLimitClass;
  readonly byField?: { readonly limits: RateLimitClass; readonly read: FieldReader };
};

function readRule(method: DescMethod, classes: RateLimitsOptions["classes"]): Rule {
  const classOf = (name: string): RateLimitClass => {
    const found = classes.get(name);
    if (found === undefined) throw new RouteError(method, `GATEWAY_RATE_LIMITS has no class "${name}"`);
    return found;
  };
  if (!hasOption(method, rate_limit)) return { byCaller: classOf("default") };
  const { class: name, keyField } = getOption(method, rate_limit);
  if (keyField === "") return { byCaller: classOf(name) };
  if (method.methodKind !== "unary") throw new RouteError(method, "rate_limit.key_field needs a unary RPC");
  try {
    return {
      byCaller: classOf("default"),
      byField: { limits: classOf(name), read: readField(method.input, keyField) },
    };
  } catch (cause) {
    throw new RouteError(method, `rate_limit.key_field: ${cause instanceof Error ? cause.message : cause}`);
  }
}

const counts = new Map<string, { inc(): void }>();

function note(request: FastifyRequest, { name }: RateLimitClass, outcome: string): void {
  const key = `${name} ${outcome}`;
  const count = counts.get(key) ?? decisions.labels({ class: name, outcome });
  counts.set(key, count);
  count.inc();
  decide(request, "limited", outcome);
}

/** The headers of draft-ietf-httpapi-ratelimit-headers. */
function headersOf({ name, limit, windowMs }: RateLimitClass, { remaining, resetMs }: Verdict): Record<string, string> {
  return {
    "RateLimit-Policy": `"${name}";q=${limit};w=${windowMs / 1_000}`,
    RateLimit: `"${name}";r=${remaining};t=${Math.ceil(resetMs / 1_000)}`,
  };
}
