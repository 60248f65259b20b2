import { type Nats, startNats } from "@kontor/testing";
import { connect, headers, type NatsConnection } from "@nats-io/transport-node";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { type Asking, type Notes, startNotes } from "./notes.ts";

let nats: Nats;
let publisher: NatsConnection;
let notes: Notes;
let text: string;
beforeAll(async () => {
  nats = await startNats();
  publisher = await connect({ servers: nats.url, maxReconnectAttempts: -1, reconnectTimeWait: 50 });
});
afterAll(async () => {
  await publisher.close();
  await nats.stop();
});
beforeEach(async () => {
  notes = await startNotes({ natsUrl: [nats.url] });
  text = "old";
  notes.script = async () => ({ id: "n", text });
  await hearing(true);
});
afterEach(() => notes.stop());

/** Waits until NATS is reachable, or not, and a read is cached, or not. */
async function hearing(wanted: boolean): Promise<void> {
  const last = () => notes.logged.filter(({ up }) => up !== undefined).at(-1)?.up;
  await expect.poll(last, { timeout: 10_000 }).toBe(wanted);
  const kept = async () => {
    await read("warm-up");
    const before = notes.seen.length;
    await read("warm-up");
    return notes.seen.length === before;
  };
  await expect.poll(kept).toBe(wanted);
  notes.seen.splice(0);
}
async function read(id = "n", options: Asking = {}) {
  const answer = await notes.ask("GET", `/notes/${id}`, options);
  const body = answer.status === 200 ? ((await answer.json()) as { text: string }).text : "";
  return { status: answer.status, headers: answer.headers, body };
}
function change(key: string): void {
  const told = headers();
  if (key !== "") told.set("ce-partitionkey", encodeURIComponent(key));
  publisher.publish("kontor.test.v1.NoteChanged", "", { headers: told });
}

describe("a cached read", () => {
  it("is served from memory", async () => {
    expect([(await read()).body, (await read()).body]).toEqual(["old", "old"]);
    expect(notes.seen).toHaveLength(1);
  });

  it("is not shared with another principal", async () => {
    await read("n", { as: "ada" });
    text = "of bob";
    expect((await read("n", { as: "bob" })).body).toBe("of bob");
    expect((await read("n", { as: "ada" })).body).toBe("old");
  });

  it("is not shared with the same principal with fewer scopes", async () => {
    await read();
    const less = { Authorization: `Bearer ${notes.token("ada", "notes.read")}` };
    text = "for fewer scopes";
    expect((await read("n", { headers: less })).body).toBe("for fewer scopes");
    expect((await read()).body).toBe("old");
  });

  it("is not shared with another language", async () => {
    await read("n", { headers: { "Accept-Language": "de" } });
    await read("n", { headers: { "Accept-Language": "en" } });
    expect(notes.seen.map(({ context }) => context.metadata.get("accept-language"))).toEqual(["de", "en"]);
  });

  it("is not shared with another Accept", async () => {
    for (const accept of ["application/json", "*/*", "application/json"])
      await read("n", { headers: { Accept: accept } });
    expect(notes.seen).toHaveLength(2);
  });

  it("is known by its message, however its request is spelt, and by nothing else", async () => {
    for (const path of ["/tags?prefix=a", "/tags?prefix=%61", "/tags?utm=x&prefix=a"]) await notes.fetch(path);
    expect(notes.seen).toHaveLength(1);
    for (const path of ["/tags?prefix=A", "/tags", "/tags?prefix=a%26prefix"]) await notes.fetch(path);
    expect(notes.seen).toHaveLength(4);
  });

  it("that all share takes nothing of its client to the service", async () => {
    await notes.ask("GET", "/tags", { headers: { "Webhook-Id": "w" } });
    expect((await notes.fetch("/tags")).status).toBe(200);
    expect(notes.seen).toHaveLength(1);
    const { metadata } = notes.seen[0]?.context ?? {};
    for (const name of ["authorization", "webhook-id", "kontor-client-network", "kontor-client-program"])
      expect([name, metadata?.get(name)]).toEqual([name, undefined]);
  });

  it("still needs a token that may", async () => {
    await read();
    expect((await notes.fetch("/notes/n")).status).toBe(401);
    const powerless = { Authorization: `Bearer ${notes.token("ada", "notes.write")}` };
    expect((await read("n", { headers: powerless })).status).toBe(403);
  });

  it("is not an error", async () => {
    notes.script = () => Promise.reject(new Error("broken"));
    expect((await read()).status).toBe(500);
    notes.script = async () => ({ text: "fine" });
    expect((await read()).body).toBe("fine");
  });

  it("is fetched again for a client that sends no-cache, and not stored for one that sends no-store", async () => {
    await read();
    text = "new";
    expect((await read("n", { headers: { "Cache-Control": "no-store" } })).body).toBe("new");
    expect((await read()).body).toBe("old");
    expect((await read("n", { headers: { "Cache-Control": "no-cache" } })).body).toBe("new");
    expect((await read()).body).toBe("new");
  });
});

describe("a cached response", () => {
  it("declares its time, its audience, and the headers by which it varies", async () => {
    const told = (answer: { headers: Headers }) =>
      ["cache-control", "vary"].map((name) => answer.headers.get(name)).join(" | ");
    expect(told(await read())).toBe("private, no-cache | Accept, Accept-Language, Authorization");
    expect(told(await notes.fetch("/tags"))).toBe("public, max-age=60 | Accept, Accept-Language");
  });

  it("has a strong validator, and is 304 for clients that have it", async () => {
    const tag = (await read()).headers.get("etag") ?? "";
    expect(tag).toMatch(/^"[\w-]{27}"$/);
    for (const known of [tag, `"other", ${tag}`, `W/${tag}`, "*"]) {
      const answer = await read("n", { headers: { "If-None-Match": known } });
      expect([answer.status, answer.headers.get("etag")]).toEqual([304, tag]);
      expect(answer.headers.get("cache-control")).toBe("private, no-cache");
    }
    expect((await read("n", { headers: { "If-None-Match": '"other"' } })).status).toBe(200);
    const head = await notes.ask("HEAD", "/notes/n");
    expect([head.status, head.headers.get("etag"), await head.text()]).toEqual([200, tag, ""]);
    text = "new";
    change("n");
    await expect.poll(async () => (await read("n", { headers: { "If-None-Match": tag } })).status).toBe(200);
  });
});

describe("identical reads at the same time", () => {
  it("are one call, that fails for all or none", async () => {
    const { promise, resolve } = Promise.withResolvers<object>();
    notes.script = () => promise;
    const asked = Array.from({ length: 10 }, () => read());
    await expect.poll(() => notes.seen).toHaveLength(1);
    resolve({ text: "one" });
    expect((await Promise.all(asked)).map(({ body }) => body)).toEqual(Array(10).fill("one"));
    expect(notes.seen).toHaveLength(1);
  });

  it("are one for each principal, and for each set of scopes", async () => {
    const { promise, resolve } = Promise.withResolvers<object>();
    notes.script = () => promise;
    const less = { Authorization: `Bearer ${notes.token("ada", "notes.read")}` };
    const asked = [
      read("n", { as: "ada" }),
      read("n", { as: "bob" }),
      read("n", { headers: less }),
      read("n", { as: "bob" }),
    ];
    await expect.poll(() => notes.seen).toHaveLength(3);
    resolve({ text: "one" });
    expect((await Promise.all(asked)).map(({ status }) => status)).toEqual(Array(4).fill(200));
    expect(notes.seen).toHaveLength(3);
  });

  it("go on when the first of them leaves, and end when the last does", async () => {
    const { promise, resolve } = Promise.withResolvers<object>();
    notes.script = () => promise;
    const client = new AbortController();
    const first = read("n", { signal: client.signal });
    first.catch(() => {});
    await expect.poll(() => notes.seen).toHaveLength(1);
    const joined = 'cache_reads_total{method="kontor.test.v1.NotesService/GetNote",outcome="coalesced"}';
    const before = await metric(joined);
    const second = read();
    await expect.poll(() => metric(joined)).toBe(before + 1);
    client.abort();
    await expect(first).rejects.toThrow();
    expect(notes.seen[0]?.context.signal.aborted).toBe(false);
    resolve({ text: "for the second" });
    expect((await second).body).toBe("for the second");

    notes.script = () => new Promise(() => {});
    const alone = new AbortController();
    const last = read("other", { signal: alone.signal });
    await expect.poll(() => notes.seen).toHaveLength(2);
    alone.abort();
    await expect(last).rejects.toThrow();
    await expect.poll(() => notes.seen[1]?.context.signal.aborted).toBe(true);
  });

  it("do not bind each other to their deadlines", async () => {
    const { promise, resolve } = Promise.withResolvers<object>();
    notes.script = () => promise;
    const hasty = read("n", { headers: { "X-Request-Timeout": "50m" } });
    await expect.poll(() => notes.seen).toHaveLength(1);
    const patient = read();
    expect((await hasty).status).toBe(504);
    resolve({ text: "late" });
    expect((await patient).body).toBe("late");
  });
});

describe("an event", () => {
  it("drops the responses of its key, and no others", async () => {
    await Promise.all([read("n"), read("m"), read("n", { as: "bob" })]);
    text = "new";
    change("n");
    await expect.poll(async () => (await read("n")).body).toBe("new");
    expect((await read("n", { as: "bob" })).body).toBe("new");
    expect((await read("m")).body).toBe("old");
  });

  it("without a key drops everything", async () => {
    await read("m");
    text = "new";
    change("");
    await expect.poll(async () => (await read("m")).body).toBe("new");
  });

  it("that arrives during a read prevents its response from being cached and shared", async () => {
    const { promise, resolve } = Promise.withResolvers<object>();
    notes.script = () => promise;
    const early = read();
    await expect.poll(() => notes.seen).toHaveLength(1);
    const before = await metric('cache_invalidations_total{event="kontor.test.v1.NoteChanged"}');
    change("n");
    await expect.poll(() => metric('cache_invalidations_total{event="kontor.test.v1.NoteChanged"}')).toBe(before + 1);
    notes.script = async () => ({ text: "new" });
    expect((await read()).body).toBe("new");
    resolve({ text: "old" });
    expect((await early).body).toBe("old");
    expect((await read()).body).toBe("new");
  });
});

describe("while events cannot be received", () => {
  it("no response that they change is cached, and cached ones are dropped", async () => {
    await read();
    await notes.fetch("/tags");
    await nats.kill();
    await hearing(false);
    text = "new";
    expect((await read()).body).toBe("new");
    expect(await (await notes.fetch("/tags")).json()).toMatchObject({ text: "old" });
    await nats.restart();
    await hearing(true);
    expect((await read()).body).toBe("new");
  });

  it("as without NATS at all, the same is true", async () => {
    await notes.stop();
    notes = await startNotes();
    notes.script = async () => ({ text });
    await read();
    text = "new";
    expect((await read()).body).toBe("new");
  });
});

async function metric(name: string): Promise<number> {
  const page = await (await fetch(`http://127.0.0.1:${notes.metricsPort}/metrics`)).text();
  return Number(
    page
      .split("\n")
      .find((line) => line.startsWith(`kontor_gateway_${name} `))
      ?.split(" ")[1] ?? 0,
  );
}
