import { type Nats, startNats } from "@kontor/testing";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { type Notes, startNotes } from "./notes.ts";

const running: Notes[] = [];
let nats: Nats;
beforeEach(async () => {
  nats = await startNats();
});
afterEach(async () => {
  await Promise.all(running.splice(0).map((notes) => notes.stop()));
  await nats.stop();
});

async function start(config: Parameters<typeof startNotes>[0] = {}): Promise<Notes> {
  const notes = await startNotes({ natsUrl: [nats.url], ...config });
  running.push(notes);
  return notes;
}
const connected = (notes: Notes) =>
  expect.poll(() => notes.logged.filter(({ up }) => up !== undefined).at(-1)?.up, { timeout: 10_000 });

async function statuses(ask: () => Promise<Response>, times: number): Promise<number[]> {
  const found: number[] = [];
  for (let i = 0; i < times; i++) found.push((await ask()).status);
  return found;
}
const add = (notes: Notes, as?: string) => notes.ask("POST", "/tags", { as, body: { text: "x" } });

describe("a rate limit", () => {
  it("is shared by replicas, and in the headers of every response", async () => {
    const [one, other] = [await start(), await start()];
    await connected(one).toBe(true);
    await connected(other).toBe(true);
    const first = await add(one);
    expect(first.headers.get("ratelimit-policy")).toBe('"scarce";q=10;w=3600');
    expect(first.headers.get("ratelimit")).toMatch(/^"scarce";r=9;t=\d+$/);
    expect(await statuses(() => add(one), 4)).toEqual(Array(4).fill(200));
    expect(await statuses(() => add(other), 5)).toEqual(Array(5).fill(200));
    for (const replica of [one, other]) {
      const answer = await add(replica);
      expect(answer.status).toBe(429);
      expect(answer.headers.get("ratelimit")).toMatch(/^"scarce";r=0;t=\d+$/);
      expect(Number(answer.headers.get("retry-after"))).toBeGreaterThan(0);
      expect(await answer.json()).toMatchObject({ reason: "RATE_LIMITED", metadata: { class: "scarce" } });
    }
    expect((await add(one, "bob")).status).toBe(200);
  });

  it("comes after 404, 405, 401 and 403, and before the body is read", async () => {
    const notes = await start();
    await statuses(() => add(notes), 10);
    notes.seen.splice(0);
    expect((await notes.ask("POST", "/tag", { body: {} })).status).toBe(404);
    expect((await notes.ask("PUT", "/tags", { body: {} })).status).toBe(405);
    expect((await notes.fetch("/tags", { method: "POST" })).status).toBe(401);
    const powerless = { Authorization: `Bearer ${notes.token("ada", "notes.read")}` };
    expect((await notes.ask("POST", "/tags", { headers: powerless })).status).toBe(403);
    expect((await notes.ask("POST", "/tags", { body: "no json" })).status).toBe(429);
    expect(notes.seen).toEqual([]);
  });

  it("applies per replica while NATS is away, and to all together once it returns", async () => {
    const notes = await start();
    await connected(notes).toBe(true);
    await add(notes);
    await nats.kill();
    await connected(notes).toBe(false);
    const alone = await statuses(() => add(notes, "bob"), 11);
    expect(alone).toEqual([...Array(10).fill(200), 429]);
    await nats.restart();
    await connected(notes).toBe(true);
    await expect.poll(async () => (await add(notes)).status).toBe(200);
  });

  it("refuses while NATS is away if the class requires it", async () => {
    const notes = await start({ rateLimits: '{"scarce":{"limit":10,"failClosed":true}}' });
    await connected(notes).toBe(true);
    await nats.kill();
    await connected(notes).toBe(false);
    const answer = await add(notes);
    expect(answer.status).toBe(503);
    expect(await answer.json()).toMatchObject({ reason: "RATE_LIMIT_UNAVAILABLE" });
    expect((await notes.ask("GET", "/tags")).status).toBe(200);
  });

  it("remains shared if there are too few servers for its replicas", async () => {
    const before = await start();
    await connected(before).toBe(true);
    expect((await add(before)).headers.get("ratelimit")).toMatch(/^"scarce";r=9;/);
    const rateLimits = '{"scarce":{"limit":10,"windowSeconds":3600,"failClosed":true}}';
    const notes = await start({ natsReplicas: 3, rateLimits });
    await connected(notes).toBe(true);
    const answer = await add(notes);
    expect([answer.status, answer.headers.get("ratelimit")?.slice(0, 12)]).toEqual([200, '"scarce";r=8']);
    expect(JSON.stringify(notes.logged)).toContain("Set NATS_REPLICAS to no more than the servers");
  });
});

describe("a stranger", () => {
  const rateLimits = '{"scarce":{"limit":10},"default":{"limit":2,"windowSeconds":3600}}';
  const tags = (notes: Notes, forwarded: string) => () =>
    notes.fetch("/tags", { headers: { "X-Forwarded-For": forwarded } });

  it("is counted by its real address, not by the one that it claims", async () => {
    const notes = await start({ rateLimits, natsUrl: [] });
    expect(await statuses(tags(notes, "10.0.0.1"), 2)).toEqual([200, 200]);
    expect(await statuses(tags(notes, "10.0.0.2"), 1)).toEqual([429]);
  });

  it("is counted by the address from a trusted proxy, or by its network", async () => {
    const notes = await start({ rateLimits, natsUrl: [], trustedProxies: ["127.0.0.1"] });
    expect(await statuses(tags(notes, "10.0.0.1"), 3)).toEqual([200, 200, 429]);
    expect(await statuses(tags(notes, "10.0.0.2"), 1)).toEqual([200]);
    expect(await statuses(tags(notes, "2001:db8::1"), 2)).toEqual([200, 200]);
    expect(await statuses(tags(notes, "2001:db8:0:0:ffff::2"), 1)).toEqual([429]);
    expect(await statuses(tags(notes, "2001:db8:0:1::1"), 1)).toEqual([200]);
  });
});

describe("the table of classes", () => {
  it.each([
    ["a class that is not configured", "{}", /AddTag.*no class "scarce"/],
    ["what is no JSON", "x", /GATEWAY_RATE_LIMITS is not JSON/],
    ["a limit of nothing", '{"scarce":{"limit":0}}', /limit is not a whole number/],
    ["a misspelt member", '{"scarce":{"limit":1,"window":1}}', /unknown member "window"/],
  ])("is refused with %s", async (_, rateLimits, message) => {
    await expect(startNotes({ rateLimits })).rejects.toThrow(message);
  });
});
