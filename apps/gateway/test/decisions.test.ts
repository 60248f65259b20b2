import { once } from "node:events";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { defineErrors } from "@kontor/errors";
import { eventually, type Nats, startNats } from "@kontor/testing";
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from "vitest";
import { type Notes, startNotes } from "./notes.ts";
import { type Shop, startShop } from "./shop.ts";

type Attributes = Record<string, unknown>;

interface Span {
  readonly name: string;
  readonly traceId: string;
  readonly kind: number;
  readonly attributes: readonly { readonly key: string; readonly value: Record<string, unknown> }[];
}

const errors = defineErrors("notes.test", { NOTES_AWAY: { code: "UNAVAILABLE", message: "Later." } });
const SERVER = 2;
let collector: Server;
let nats: Nats;
let notes: Notes;
const spans: Span[] = [];
beforeAll(async () => {
  collector = createServer(async (request, response) => {
    const { resourceSpans } = JSON.parse(Buffer.concat(await Array.fromAsync(request)).toString());
    for (const { scopeSpans } of resourceSpans) for (const scope of scopeSpans) spans.push(...scope.spans);
    response.writeHead(200, { "Content-Type": "application/json" }).end("{}");
  }).listen(0, "127.0.0.1");
  await once(collector, "listening");
  vi.stubEnv("OTEL_EXPORTER_OTLP_ENDPOINT", `http://127.0.0.1:${(collector.address() as AddressInfo).port}`);
  vi.stubEnv("OTEL_BSP_SCHEDULE_DELAY", "20");
  nats = await startNats();
  notes = await startNotes({ natsUrl: [nats.url] });
  await eventually(async () => expect(notes.logged.some(({ up }) => up === true)).toBe(true));
});
afterEach(() => {
  notes.logged.splice(0);
  notes.seen.splice(0);
});
afterAll(async () => {
  await notes.stop();
  await nats.stop();
  collector.close().closeAllConnections();
  vi.unstubAllEnvs();
});

/** Returns the decisions in the log line and the span of a request, which must be equal. */
async function decisionsOf(asked: Promise<Response>, on: Shop = notes): Promise<Attributes & { status: number }> {
  const { status, headers } = await asked;
  const requestId = headers.get("x-request-id");
  const line = () => on.logged.find((entry) => entry.requestId === requestId);
  await expect.poll(line, { timeout: 10_000 }).toBeDefined();
  const { traceId, route, decisions = {} } = line() ?? {};
  const ours = () =>
    spans.filter((span) => span.traceId === traceId && span.kind === SERVER && attributeOf(span, "http.route"));
  await expect.poll(ours, { timeout: 10_000 }).toHaveLength(1);
  const [span] = ours() as [Span];
  expect(attributeOf(span, "http.route")).toBe(route);
  expect(Number(attributeOf(span, "http.response.status_code"))).toBe(status);
  const told = span.attributes.filter(({ key }) => key.startsWith("kontor."));
  expect(Object.fromEntries(told.map(({ key, value }) => [key.slice("kontor.".length), plain(value)]))).toEqual(
    decisions,
  );
  return { status, ...(decisions as Attributes) };
}
const plain = (value: Record<string, unknown>) =>
  "intValue" in value ? Number(value.intValue) : Object.values(value)[0];
const attributeOf = ({ attributes }: Span, name: string) =>
  attributes.filter(({ key }) => key === name).map(({ value }) => plain(value))[0];
const endpoint = expect.stringMatching(/^127\.0\.0\.1:\d+$/);

describe("the log line and the one span of a request contain", () => {
  it.each<[string, () => Promise<Response>, object]>([
    ["that needs no token", () => notes.fetch("/tags?prefix=p"), { status: 200, auth: "public", endpoint }],
    ["which callers were admitted", () => notes.ask("GET", "/notes/a"), { status: 200, auth: "allowed", endpoint }],
    ["that a token was missing", () => notes.fetch("/notes/a"), { status: 401, auth: "TOKEN_MISSING" }],
    [
      "that a token was wrong",
      () => notes.fetch("/notes/a", { headers: { Authorization: "Bearer x" } }),
      { status: 401, auth: "TOKEN_INVALID" },
    ],
    [
      "that a scope was missing",
      () => notes.fetch("/notes/a", { headers: { Authorization: `Bearer ${notes.token("ada", "x")}` } }),
      { status: 403, auth: "SCOPE_MISSING" },
    ],
  ])("%s", async (_, ask, decisions) => {
    notes.script = async () => ({ id: "n" });
    expect(await decisionsOf(ask())).toMatchObject(decisions);
  });

  it("that the caller was not the owner", async () => {
    const shop = await startShop();
    const headers = { Authorization: `Bearer ${shop.token("u1", "orders.read")}` };
    expect(await decisionsOf(shop.fetch("/api/v1/users/u2/orders", { headers }), shop)).toMatchObject({
      status: 403,
      auth: "NOT_OWNER",
    });
    await shop.stop();
  });

  it("whether a request was within its limit", async () => {
    const add = () => notes.ask("POST", "/tags", { as: "eve", body: { text: "x" } });
    expect(await decisionsOf(add())).toMatchObject({ status: 200, limited: "allowed" });
    for (let i = 0; i < 9; i++) await add();
    const refused = await decisionsOf(add());
    expect(refused).toMatchObject({ status: 429, auth: "allowed", limited: "limited" });
    expect(refused).not.toHaveProperty("endpoint");
  });

  it("whether a response came from memory, from the call of another request, or was one that the client has", async () => {
    const { promise, resolve } = Promise.withResolvers<object>();
    notes.script = () => promise;
    const first = notes.ask("GET", "/notes/kept");
    await expect.poll(() => notes.seen).toHaveLength(1);
    const second = notes.ask("GET", "/notes/kept");
    await new Promise((soon) => setTimeout(soon, 100));
    resolve({ id: "kept" });
    expect(await decisionsOf(first)).toMatchObject({ cached: "miss", endpoint });
    expect(await decisionsOf(second)).toMatchObject({ cached: "coalesced" });
    expect(notes.seen).toHaveLength(1);
    const third = await notes.ask("GET", "/notes/kept");
    expect(await decisionsOf(Promise.resolve(third))).toMatchObject({ cached: "hit" });
    const known = { "If-None-Match": third.headers.get("etag") ?? "" };
    const same = notes.ask("GET", "/notes/kept", { headers: known });
    expect(await decisionsOf(same)).toMatchObject({ status: 304, modified: false });
    const fresh = notes.ask("GET", "/notes/kept", { headers: { "Cache-Control": "no-cache" } });
    expect(await decisionsOf(fresh)).toMatchObject({ cached: "bypassed" });
  });

  it("the state of an idempotency key", async () => {
    notes.script = async () => ({ id: "n" });
    const add = (text: string) => notes.ask("POST", "/notes", { body: { text }, headers: { "Idempotency-Key": "d" } });
    expect(await decisionsOf(add("x"))).toMatchObject({ status: 201, idempotency: "first", endpoint });
    expect(await decisionsOf(add("x"))).toMatchObject({ status: 201, idempotency: "replayed" });
    expect(await decisionsOf(add("y"))).toMatchObject({ status: 422, idempotency: "reused" });
  });

  it("how often and where it was tried", async () => {
    let tries = 0;
    notes.script = () => (++tries === 1 ? Promise.reject(errors.NOTES_AWAY()) : Promise.resolve({ id: "n" }));
    expect(await decisionsOf(notes.ask("GET", "/notes/again"))).toMatchObject({ status: 200, attempts: 2, endpoint });
  });

  it("that there was no budget to try again", async () => {
    const many = 130; // A full budget is 100.
    const { promise: all, resolve } = Promise.withResolvers<void>();
    notes.script = async () => {
      if (notes.seen.length === many) resolve();
      await all;
      throw errors.NOTES_AWAY();
    };
    const asked = Array.from({ length: many }, (_, i) => decisionsOf(notes.ask("GET", `/notes/b${i}`)));
    const overdrawn = (await Promise.all(asked)).filter(({ retry }) => retry === "over_budget");
    expect(overdrawn.length).toBeGreaterThan(0);
    for (const each of overdrawn) expect(each).toMatchObject({ status: 503, endpoint });
  });

  it("that a fallback was the response, and that the circuit was open by then", async () => {
    const upstreams = JSON.stringify({ "kontor.test.v1.NotesService": "127.0.0.1:1" });
    const alone = await startNotes({ upstreams });
    const fallen = { status: 200, auth: "public", fallback: true };
    const first = await decisionsOf(alone.fetch("/tags"), alone);
    expect(first).toMatchObject({ ...fallen, endpoint: "127.0.0.1:1" });
    expect(first).not.toHaveProperty("circuit");
    const later = () => decisionsOf(alone.fetch("/tags"), alone);
    await expect.poll(later, { timeout: 20_000 }).toMatchObject({ ...fallen, circuit: "open" });
    await alone.stop();
  });
});
