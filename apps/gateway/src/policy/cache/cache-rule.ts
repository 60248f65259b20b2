import { type DescMethod, getOption, hasOption } from "@bufbuild/protobuf";
import { MethodOptions_IdempotencyLevel as Level } from "@bufbuild/protobuf/wkt";
import { cache } from "@kontor/contracts/options/v1/options";
import { type FieldReader, methodPolicy, readField } from "@kontor/policy";
import { RouteError } from "@kontor/transcoder";

/** The time for which responses of an RPC may be served from memory, and to which callers. */
export interface CacheRule {
  /** `shop.catalog.v1.CatalogService/GetProduct`. */
  readonly name: string;
  readonly ttlMs: number;
  readonly perPrincipal: boolean;
  /** The events that drop responses. */
  readonly events: readonly string[];
  /** Returns the value of a request that the key of an event must equal. Absent: an event drops every response. */
  readonly keyOf: FieldReader | undefined;
}

const known = new WeakMap<DescMethod, CacheRule | "none">();

/** Returns the rule of an RPC; undefined if its responses are not cached. @throws RouteError when the contract contradicts itself */
export function cacheRuleOf(method: DescMethod): CacheRule | undefined {
  const rule = known.get(method) ?? read(method) ?? "none";
  known.set(method, rule);
  return rule === "none" ? undefined : rule;
}

function read(method: DescMethod): CacheRule | undefined {
  if (!hasOption(method, cache)) return undefined;
  const { ttl, perPrincipal, invalidatedBy, keyField } = getOption(method, cache);
  const refuse = (reason: string): never => {
    throw new RouteError(method, `cache: ${reason}`);
  };
  const ttlMs = Number(ttl?.seconds ?? 0n) * 1_000 + (ttl?.nanos ?? 0) / 1e6;
  if (ttlMs <= 0) refuse("ttl must be positive");
  if (method.methodKind !== "unary") refuse("only responses of unary RPCs are cached");
  if (method.idempotency !== Level.NO_SIDE_EFFECTS) refuse("the RPC must declare idempotency_level NO_SIDE_EFFECTS");
  const isPublic = methodPolicy(method).auth.kind === "public";
  if (isPublic && perPrincipal) refuse("a public RPC knows no principals");
  if (!isPublic && !perPrincipal) refuse("responses that all callers share need a public RPC");
  return {
    name: `${method.parent.typeName}/${method.name}`,
    ttlMs,
    perPrincipal,
    events: invalidatedBy,
    keyOf: keyField === "" ? undefined : reader(method, keyField, refuse),
  };
}

function reader(method: DescMethod, field: string, refuse: (reason: string) => never): FieldReader {
  try {
    return readField(method.input, field);
  } catch (cause) {
    return refuse(cause instanceof Error ? cause.message : String(cause));
  }
}
