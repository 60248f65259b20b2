import type { Registry } from "@bufbuild/protobuf";
import { connectOptions, openNats } from "@kontor/nats";
import type { ProcessConfig } from "@kontor/service";
import type { Logger } from "@kontor/telemetry";
import type { ProblemOptions } from "@kontor/transcoder";
import type { settings } from "./config.ts";
import { variesBy } from "./inbound/cors.ts";
import { natsAnswers } from "./outbound/nats-answers.ts";
import { natsCounters } from "./outbound/nats-counters.ts";
import { listenForEndedSessions } from "./outbound/nats-ended-sessions.ts";
import { listenForInvalidations } from "./outbound/nats-invalidations.ts";
import { createResponseCache } from "./policy/cache/response-cache.ts";
import { createEdgePolicy, type EdgePolicy, noPolicy } from "./policy/edge-policy.ts";
import { chooseCoding } from "./policy/encoding/content-coding.ts";
import type { Guard } from "./policy/guard.ts";
import { createEdgeIdempotency } from "./policy/idempotency/edge-idempotency.ts";
import { parseRateLimits } from "./policy/rate-limit/classes.ts";
import { createLimiter } from "./policy/rate-limit/limiter.ts";
import { createRateLimits } from "./policy/rate-limit/rate-limits.ts";
import type { Sessions } from "./policy/sessions.ts";

/** After two pings without a pong NATS counts as lost; until then the cache serves its entries. */
const NOTICE_SILENCE = { pingInterval: 3_000, maxPingOut: 2 };

/** The dependencies of the policy. */
export interface PolicyOptions {
  readonly config: ProcessConfig<typeof settings>;
  readonly contracts: Registry;
  readonly guard: Guard;
  readonly sessions: Pick<Sessions, "end">;
  readonly problems: ProblemOptions;
  readonly log: Logger;
}

/** The policy, and the function that releases its resources. */
export interface AssembledPolicy {
  readonly policy: EdgePolicy;
  /** Subscribes to events, once the contracts are known. */
  start(): void;
  close(): Promise<void>;
}

/** Joins limits, idempotency and cache with NATS, where there is one. @throws Error when GATEWAY_RATE_LIMITS or a setting of NATS is wrong */
export function assemblePolicy({ config, contracts, guard, sessions, problems, log }: PolicyOptions): AssembledPolicy {
  const classes = parseRateLimits(config.rateLimits);
  if (config.auth === "off") return { policy: noPolicy, start: () => {}, close: async () => {} };
  const { principalOf } = guard;
  const nats =
    config.natsUrl.length > 0 ? openNats({ ...connectOptions("gateway", config), ...NOTICE_SILENCE }, log) : undefined;
  const longestWindowMs = Math.max(...[...classes.values()].map(({ windowMs }) => windowMs));
  const copies = { replicas: config.natsReplicas, log };
  const limiter = createLimiter(nats && natsCounters(nats, { longestWindowMs, ...copies }));
  const rateLimits = createRateLimits({ classes, limiter, principalOf });
  const store = nats && natsAnswers(nats, { keptMs: config.idempotencyKept, ...copies });
  const idempotency = createEdgeIdempotency({ store, principalOf, registry: contracts, problems, log });
  const cache = createResponseCache({
    capacityBytes: config.cacheBytes,
    principalOf,
    longestMs: (method) => Math.min(guard.timeoutOf(method) ?? config.deadlineDefault, config.deadlineCap),
    forwardedHeaders: config.forwardedHeaders,
    vary: variesBy(config.corsOrigins),
    codings: chooseCoding(config.compressFrom),
  });
  return {
    policy: createEdgePolicy({ rateLimits, idempotency, cache }),
    start() {
      if (!nats) return;
      listenForInvalidations(nats, cache, log);
      listenForEndedSessions(nats, sessions.end);
    },
    async close() {
      await idempotency.settled();
      await nats?.close();
    },
  };
}
