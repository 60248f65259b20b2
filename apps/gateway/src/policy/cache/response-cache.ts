import type { DescMethod } from "@bufbuild/protobuf";
import type { Principal } from "@kontor/policy";
import { counter, gauge } from "@kontor/telemetry";
import { type Around, type Call, changedCall, type Reply } from "@kontor/transcoder";
import type { FastifyRequest } from "fastify";
import { decide } from "../../decisions.ts";
import { sharedCall } from "../../shared-call.ts";
import { keepingCodings } from "../encoding/compress.ts";
import { type CodingChoice, codedTag } from "../encoding/content-coding.ts";
import { endedBy } from "../ended-by.ts";
import { isFallback } from "../fallback-answer.ts";
import { type CacheRule, cacheRuleOf } from "./cache-rule.ts";
import { directivesOf, entityTag, matches } from "./conditional.ts";
import { Flights } from "./flights.ts";
import { GroupedLru } from "./lru.ts";
import { groupName, groupOf, keyOf } from "./reading.ts";

const reads = counter(
  "kontor_gateway_cache_reads_total",
  "Reads of RPCs that may be cached: hit, miss, coalesced, or bypassed at the client's request.",
  ["method", "outcome"],
);
const notModified = counter(
  "kontor_gateway_not_modified_total",
  "Responses of 304, because the client has the version.",
  ["method"],
);
const invalidations = counter("kontor_gateway_cache_invalidations_total", "Events that dropped responses.", ["event"]);
const kept = gauge("kontor_gateway_cache_bytes", "Bytes of responses in memory.");

interface Kept {
  readonly reply: Reply;
  readonly tag: string;
  readonly storedAt: number;
  /** The epoch of the rule at the request. */
  readonly epoch: number;
}

/** The cache headers of every response of a rule. */
interface Terms {
  readonly cacheControl: string;
  readonly vary: string;
  readonly varyWithCoding: string;
}

/** Serves reads from memory, and identical concurrent ones by one call. */
export interface ResponseCache {
  /** Adds an RPC that has a route. @throws RouteError when its cache option contradicts itself */
  check(method: DescMethod): void;
  readonly around: Around;
  /** The events that drop answers, once all RPCs are checked. */
  events(): readonly string[];
  /** Drops the responses that an event has changed: those of its key, or all, if the key is not known. */
  invalidate(event: string, key: string | undefined): void;
  /** Sets whether events arrive. While they do not, responses that they would drop are neither stored nor served. */
  hears(events: boolean): void;
}

/** The dependencies of the cache. */
export interface ResponseCacheOptions {
  readonly capacityBytes: number;
  readonly principalOf: (request: FastifyRequest) => Principal | undefined;
  /** The longest time of a call: a shared one does not have the deadline of its first request. */
  readonly longestMs: (method: DescMethod) => number;
  /** Headers that upstreams receive; those of content negotiation are a part of the cache key. */
  readonly forwardedHeaders: readonly string[];
  /** The request headers that all responses vary by, as `Vary` names them. */
  readonly vary: readonly string[];
  /** How the coding of a response is chosen. */
  readonly codings: CodingChoice;
  readonly now?: () => number;
}

/** Creates an empty cache without a subscription to events. */
export function createResponseCache(options: ResponseCacheOptions): ResponseCache {
  const { capacityBytes, principalOf, longestMs, now = () => performance.now() } = options;
  const accepting = options.forwardedHeaders
    .map((name) => name.toLowerCase())
    .filter((name) => name.startsWith("accept-"));
  const varying = ["accept", ...accepting];
  const answers = new GroupedLru<Kept>(capacityBytes);
  const flights = new Flights<Kept>();
  const terms = new Map<CacheRule, Terms>();
  /** Each RPC with its epoch: responses of an earlier one are invalid. */
  const rules = new Map<CacheRule, number>();
  let hearing = false;

  function outdate(rule: CacheRule, key: string | undefined): void {
    // Without the key of an event, or of the RPC, every response may have changed.
    if (rule.keyOf !== undefined && key === undefined) {
      forget(rule);
      return;
    }
    const group = groupName(rule.name, rule.keyOf && key);
    flights.outdate(group);
    answers.deleteGroup(group);
  }
  function forget(rule: CacheRule): void {
    rules.set(rule, epochOf(rule) + 1);
    flights.outdateAll();
  }
  const epochOf = (rule: CacheRule) => rules.get(rule) ?? 0;
  const isKept = ({ events }: CacheRule) => hearing || events.length === 0;

  async function read(rule: CacheRule, call: Call, next: (call: Call) => Promise<Reply>): Promise<Kept> {
    const key = keyOf(rule, call, principalOf(call.request), varying);
    const { fresh, unkept } = directivesOf(call.request.headers["cache-control"]);
    const epoch = epochOf(rule);
    const found = fresh || !isKept(rule) ? undefined : answers.get(key);
    if (found?.epoch === epoch && now() - found.storedAt < rule.ttlMs) {
      note(rule, call, "hit");
      return found;
    }
    note(rule, call, fresh ? "bypassed" : flights.has(key) ? "coalesced" : "miss");
    const seen = [...varying, ...(rule.perPrincipal ? ["authorization"] : []), ...(fresh ? ["x-request-timeout"] : [])];
    const group = groupOf(rule, call);
    return flights.read({
      key,
      group,
      shared: !fresh,
      signal: call.signal,
      async make(end) {
        const deadline = fresh ? call.deadline : Math.max(call.deadline, Date.now() + longestMs(call.method));
        const reply = await next(changedCall(sharedCall(call, seen), { ...endedBy(end), deadline }));
        const tag = reply.headers.ETag ?? entityTag(reply);
        return { reply: keepingCodings(reply), tag, storedAt: now(), epoch };
      },
      keep(answer) {
        if (unkept || !isKept(rule) || isFallback(answer.reply)) return;
        answers.set(key, answer, Buffer.byteLength(answer.reply.body ?? "") + 2 * key.length + 512, group);
        kept.set(answers.bytes);
      },
    });
  }

  /** Returns the response for this client. */
  function present(rule: CacheRule, { request }: Call, { reply, tag, storedAt }: Kept): Reply {
    if (isFallback(reply)) return { ...reply, headers: { ...reply.headers, "Cache-Control": "no-store" } };
    const terms = termsOf(rule);
    const vary = options.codings.varies(request, reply) ? terms.varyWithCoding : terms.vary;
    const headers = { "Cache-Control": terms.cacheControl, Vary: vary, ETag: tag, ...ageOf(rule, storedAt) };
    const isRead = request.method === "GET" || request.method === "HEAD";
    if (!isRead || reply.status !== 200) return reply;
    const coded = codedTag(tag, options.codings.codingOf(request, reply));
    if (!matches(request.headers["if-none-match"], coded))
      return { ...reply, headers: { ...reply.headers, ...headers } };
    notModified.inc({ method: rule.name });
    decide(request, "modified", false);
    return { status: 304, headers: { ...headers, ETag: coded }, body: undefined };
  }

  function termsOf(rule: CacheRule): Terms {
    let found = terms.get(rule);
    if (found === undefined) {
      const names = [...options.vary, ...[...varying, ...(rule.perPrincipal ? ["authorization"] : [])].map(titled)];
      const vary = names.join(", ");
      found = { cacheControl: cacheControl(rule), vary, varyWithCoding: [...names, "Accept-Encoding"].join(", ") };
      terms.set(rule, found);
    }
    return found;
  }

  function ageOf({ events }: CacheRule, storedAt: number): Record<string, string> {
    const age = Math.floor((now() - storedAt) / 1_000);
    return events.length === 0 && age > 0 ? { Age: String(age) } : {};
  }

  return {
    check(method) {
      const rule = cacheRuleOf(method);
      if (rule !== undefined) rules.set(rule, 0);
    },
    async around(call, next) {
      const rule = cacheRuleOf(call.method);
      return rule === undefined ? next(call) : present(rule, call, await read(rule, call, next));
    },
    events: () => [...new Set([...rules.keys()].flatMap(({ events }) => events))],
    invalidate(event, key) {
      invalidations.inc({ event });
      for (const rule of rules.keys()) if (rule.events.includes(event)) outdate(rule, key);
      kept.set(answers.bytes);
    },
    hears(events) {
      hearing = events;
      for (const rule of rules.keys()) if (rule.events.length > 0) forget(rule);
    },
  };
}

/** Browsers and proxies receive no events: they may store what an event can change, but must revalidate it each time by a cheap 304. */
function cacheControl({ ttlMs, perPrincipal, events }: CacheRule): string {
  const whose = perPrincipal ? "private" : "public";
  return events.length > 0 ? `${whose}, no-cache` : `${whose}, max-age=${Math.floor(ttlMs / 1_000)}`;
}

const counts = new Map<string, { inc(): void }>();

function note({ name }: CacheRule, { request }: Call, outcome: string): void {
  const key = `${name} ${outcome}`;
  const count = counts.get(key) ?? reads.labels({ method: name, outcome });
  counts.set(key, count);
  count.inc();
  decide(request, "cached", outcome);
}

function titled(header: string): string {
  return header.replaceAll(/(^|-)[a-z]/g, (start) => start.toUpperCase());
}
