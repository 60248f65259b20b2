import { type DescMethod, getOption, hasOption } from "@bufbuild/protobuf";
import { http } from "@kontor/contracts/google/api/annotations";
import { cache, idempotency, rate_limit } from "@kontor/contracts/options/v1/options";
import { methodPolicy } from "@kontor/policy";
import { registry } from "@kontor/shop/registry";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { loadContracts } from "../src/contracts.ts";
import { type Notes, startNotes } from "./notes.ts";
import { type Shop, startShop } from "./shop.ts";

type Row = readonly [verb: string, path: string, method: DescMethod];

/** Every route, as its contract declares it. */
function routesOf(contracts: typeof registry): Row[] {
  return [...contracts]
    .filter((type) => type.kind === "service")
    .flatMap((service) => service.methods)
    .filter((method) => hasOption(method, http))
    .map((method) => {
      const { pattern } = getOption(method, http);
      if (pattern.case === undefined || pattern.case === "custom")
        throw new Error("no such route in the shop's contracts");
      return [pattern.case.toUpperCase(), pattern.value.replaceAll(/\{[^}]*\}/g, "x"), method] as const;
    });
}

/** The permitted callers of an RPC, with only its path. */
function rightful(gateway: Shop, [verb, path, method]: Row, headers: Record<string, string> = {}) {
  const { scopes, ownerBypassScope = "" } = methodPolicy(method).auth;
  const token = gateway.token("x", [...scopes, ownerBypassScope].join(" ").trim());
  return gateway.fetch(path, { method: verb, headers: { Authorization: `Bearer ${token}`, ...headers } });
}

let shop: Shop;
let notes: Notes;
const strangers = await loadContracts(new URL("notes.binpb", import.meta.url).pathname);
beforeAll(async () => {
  [shop, notes] = [await startShop(), await startNotes()];
});
beforeEach(() => {
  for (const gateway of [shop, notes]) {
    gateway.seen.splice(0);
    gateway.script = async () => ({});
  }
});
afterAll(() => Promise.all([shop.stop(), notes.stop()]));

describe.each([
  ["the shop", routesOf(registry), () => shop],
  ["a contract with every option", routesOf(strangers), () => notes],
])("every route of %s", (_, routes, gateway) => {
  it.each(routes)("%s %s admits its callers, and counts calls in its class", async (...row) => {
    const [, , method] = row;
    const answer = await rightful(gateway(), row);
    expect([401, 403, 404, 405, 429]).not.toContain(answer.status);
    const limit = hasOption(method, rate_limit) ? getOption(method, rate_limit) : undefined;
    // A class with a key field counts requests that name a key; the caller counts in the default class.
    const name = limit === undefined || limit.keyField !== "" ? "default" : limit.class;
    expect(answer.headers.get("ratelimit-policy")).toMatch(new RegExp(`^"${name}";q=\\d+;w=\\d+$`));
    expect(answer.headers.get("ratelimit")).toMatch(new RegExp(`^"${name}";r=\\d+;t=\\d+$`));
  });

  it.each(routes)("%s %s sends the cache headers of its contract", async (...row) => {
    const [, , method] = row;
    const answer = await rightful(gateway(), row);
    if (!hasOption(method, cache)) return expect(answer.headers.get("etag")).toBeNull();
    const whose = getOption(method, cache).perPrincipal ? "private" : "public";
    expect(answer.headers.get("cache-control")).toMatch(new RegExp(`^${whose}, (no-cache|max-age=\\d+)$`));
    const known = { "If-None-Match": answer.headers.get("etag") ?? "" };
    expect((await rightful(gateway(), row, known)).status).toBe(304);
  });

  const keyed = routes.filter(
    ([, , method]) => hasOption(method, idempotency) && getOption(method, idempotency).required,
  );
  it.each(keyed)("%s %s takes nothing without an idempotency key", async (...row) => {
    const answer = await rightful(gateway(), row);
    expect(answer.status).toBe(400);
    expect(await answer.text()).toContain("Idempotency-Key");
    expect(gateway().seen).toEqual([]);
  });
});
