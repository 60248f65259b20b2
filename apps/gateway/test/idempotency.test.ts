import { execFileSync } from "node:child_process";
import { randomUUID } from "node:crypto";
import { defineErrors } from "@kontor/errors";
import { idempotencyErrors } from "@kontor/idempotency";
import { type Nats, startNats } from "@kontor/testing";
import { jetstream, jetstreamManager } from "@nats-io/jetstream";
import { Kvm } from "@nats-io/kv";
import { connect } from "@nats-io/transport-node";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { type Notes, startNotes } from "./notes.ts";

const errors = defineErrors("notes.test", {
  NOTE_REFUSED: { code: "FAILED_PRECONDITION", message: "No." },
  NOTES_AWAY: { code: "UNAVAILABLE", message: "Later." },
});
const running: Notes[] = [];
let nats: Nats;
let notes: Notes;
beforeEach(async () => {
  nats = await startNats();
  notes = await start();
});
afterEach(async () => {
  await Promise.all(running.splice(0).map((each) => each.stop()));
  await nats.stop();
});

async function start(natsUrl = [nats.url], config: Parameters<typeof startNotes>[0] = {}): Promise<Notes> {
  const started = await startNotes({ natsUrl, ...config });
  running.push(started);
  let made = 0;
  started.script = async () => ({ id: `n${++made}` });
  const isUp = () => started.logged.some(({ up }) => up === true);
  if (natsUrl.length > 0) await expect.poll(isUp, { timeout: 10_000 }).toBe(true);
  return started;
}
const add = (key: string | undefined, body: object = { text: "x" }, on = notes, as = "ada") =>
  on.ask("POST", "/notes", { as, body, headers: key === undefined ? {} : { "Idempotency-Key": key } });

describe("a key that the edge stores", () => {
  it("is 400 when it is required and missing", async () => {
    const answer = await add(undefined);
    expect(answer.status).toBe(400);
    expect(await answer.json()).toMatchObject({ errors: [{ parameter: "Idempotency-Key" }] });
    expect(notes.seen).toEqual([]);
  });

  it("repeats its response without a call of the service", async () => {
    const first = await add("k");
    const again = await add("k");
    expect([first.status, again.status]).toEqual([201, 201]);
    expect(again.headers.get("content-type")).toBe(first.headers.get("content-type"));
    expect([first, again].map(({ headers }) => headers.get("idempotent-replayed"))).toEqual([null, "true"]);
    expect(await again.text()).toBe(await first.text());
    expect(notes.seen).toHaveLength(1);
  });

  it("survives the gateway, at any replica", async () => {
    const first = await add("k");
    await nats.restart();
    const replica = await start();
    const again = await add("k", { text: "x" }, replica);
    expect(again.headers.get("idempotent-replayed")).toBe("true");
    expect(await again.text()).toBe(await first.text());
    expect(replica.seen).toEqual([]);
  });

  it("is 422 with another payload, however it is spelt the same with the same", async () => {
    expect((await add("k", { text: "x", labels: { a: "1", b: "2" } })).status).toBe(201);
    expect((await add("k", { labels: { b: "2", a: "1" }, text: "x" })).status).toBe(201);
    const other = await add("k", { text: "y" });
    expect(other.status).toBe(422);
    const { message } = idempotencyErrors.IDEMPOTENCY_KEY_REUSED();
    const problem = { reason: "IDEMPOTENCY_KEY_REUSED", code: "FAILED_PRECONDITION", detail: message };
    expect(await other.json()).toMatchObject({ ...problem, domain: "idempotency.kontor" });
    expect(notes.seen).toHaveLength(1);
  });

  it("is 409 while the first is in flight, at every replica", async () => {
    const replica = await start();
    const { promise, resolve } = Promise.withResolvers<object>();
    notes.script = () => promise;
    const first = add("k");
    await expect.poll(() => notes.seen).toHaveLength(1);
    for (const on of [notes, replica]) {
      const meanwhile = await add("k", { text: "x" }, on);
      expect(meanwhile.status).toBe(409);
      expect(Number(meanwhile.headers.get("retry-after"))).toBeGreaterThan(0);
      expect(await meanwhile.json()).toMatchObject({ reason: "IDEMPOTENCY_IN_FLIGHT", domain: "idempotency.kontor" });
      const other = await add("k", { text: "y" }, on);
      expect(other.status).toBe(422);
      expect(await other.json()).toMatchObject({ reason: "IDEMPOTENCY_KEY_REUSED" });
    }
    resolve({ id: "n" });
    expect((await first).status).toBe(201);
    expect((await add("k", { text: "x" }, replica)).headers.get("idempotent-replayed")).toBe("true");
  });

  it("allows exactly one of many concurrent calls to the service", async () => {
    const replica = await start();
    const asked = Array.from({ length: 20 }, (_, i) => add("k", { text: "x" }, i % 2 === 0 ? notes : replica));
    const found = await Promise.all(asked.map(async (answer) => (await answer).status));
    expect(found.filter((status) => status !== 201 && status !== 409)).toEqual([]);
    expect(notes.seen.length + replica.seen.length).toBe(1);
  });

  it("belongs to its principal and its RPC", async () => {
    await add("k");
    expect((await add("k", { text: "x" }, notes, "bob")).headers.get("idempotent-replayed")).toBeNull();
    const touched = await notes.ask("POST", "/notes/n:touch", { headers: { "Idempotency-Key": "k" } });
    expect(touched.headers.get("idempotent-replayed")).toBeNull();
    expect(notes.seen).toHaveLength(3);
  });

  it("stores refusals, but no temporary errors", async () => {
    notes.script = () => Promise.reject(errors.NOTES_AWAY());
    expect((await add("k")).status).toBe(503);
    expect(notes.seen, "the service does not know the key").toHaveLength(1);
    notes.script = () => Promise.reject(errors.NOTE_REFUSED());
    const refused = await add("k");
    expect(refused.status).toBe(409);
    notes.script = async () => ({ id: "n" });
    const again = await add("k");
    expect([again.status, again.headers.get("idempotent-replayed")]).toEqual([409, "true"]);
    expect(again.headers.get("content-type")).toContain("application/problem+json");
    expect(await again.text()).toBe(await refused.text());
  });

  it("is executed although its client has disconnected", async () => {
    const { promise, resolve } = Promise.withResolvers<object>();
    notes.script = () => promise;
    const client = new AbortController();
    const headers = { "Idempotency-Key": "k" };
    const first = notes.ask("POST", "/notes", { body: { text: "x" }, headers, signal: client.signal });
    await expect.poll(() => notes.seen).toHaveLength(1);
    client.abort();
    await expect(first).rejects.toThrow();
    resolve({ id: "n" });
    await expect.poll(async () => (await add("k")).status).toBe(201);
    expect(notes.seen).toHaveLength(1);
  });

  it("whose response is too large is not executed twice", async () => {
    notes.script = async () => ({ id: "x".repeat(600_000) });
    expect((await add("k")).status).toBe(201);
    expect(await (await add("k")).json()).toMatchObject({ status: 409, reason: "IDEMPOTENCY_ANSWER_LOST" });
    expect(notes.seen).toHaveLength(1);
  });

  it("that a crashed gateway had claimed is taken over once its claim has expired", async () => {
    await add("k");
    const connection = await connect({ servers: nats.url });
    const bucket = await new Kvm(jetstream(connection)).open("gateway-idempotency");
    const [key = ""] = await Array.fromAsync(await bucket.keys());
    const { payload } = (await bucket.get(key))?.json<{ payload: string }>() ?? {};
    const hold = (until: number, heldMs?: number) =>
      bucket.put(key, JSON.stringify({ state: "running", payload, until, heldMs }));
    const hour = 3_600_000;
    await hold(Date.now() + 60_000); // As the version before stores it.
    expect((await add("k")).status).toBe(409);
    await hold(Date.now() - hour, 60_000);
    expect((await add("k")).status, "the clock of the claiming gateway is an hour behind").toBe(409);
    await hold(Date.now() + hour, 0); // The clock of the holder was an hour ahead.
    expect((await add("k", { text: "another" })).status, "a key names one request").toBe(422);
    expect((await add("k")).status).toBe(201);
    expect(notes.seen).toHaveLength(2);
    await connection.close();
  });
});

describe("a key that breaks the rule of all keys", () => {
  it.each(["", "a".repeat(256), '" a"'])("is 400: %j", async (key) => {
    const answer = await add(key);
    expect(answer.status).toBe(400);
    expect(await answer.json()).toMatchObject({ errors: [{ parameter: "Idempotency-Key" }] });
    expect(notes.seen).toEqual([]);
  });
});

describe("without the store", () => {
  it("calls with a key are 503, and reach no upstream", async () => {
    const alone = await start([]);
    await nats.kill();
    for (const on of [notes, alone]) {
      const answer = await add("k", { text: "x" }, on);
      expect(answer.status).toBe(503);
      expect(await answer.json()).toMatchObject({ reason: "IDEMPOTENCY_UNAVAILABLE" });
      expect(on.seen).toEqual([]);
    }
  });

  it("calls that need none go through without one", async () => {
    const alone = await start([]);
    expect((await alone.ask("POST", "/notes/n:touch")).status).toBe(200);
  });

  it("keys are stored again once it has returned, although it has lost everything", async () => {
    await nats.wipe();
    await expect.poll(async () => (await add("k")).status, { timeout: 15_000 }).toBe(201);
    expect((await add("k")).headers.get("idempotent-replayed")).toBe("true");
  });

  it("keys are stored again when only their bucket was deleted", async () => {
    await add("k");
    const connection = await connect({ servers: nats.url });
    await (await jetstreamManager(connection)).streams.delete("KV_gateway-idempotency");
    await connection.close();
    await expect.poll(async () => (await add("k")).status, { timeout: 15_000 }).toBe(201);
  });

  it("calls are 503 at once, and the remedy is logged, when there are too few servers for its copies", async () => {
    const many = await start([nats.url], { natsReplicas: 3, deadlineCap: 3_000 });
    expect((await add("k", { text: "x" }, many)).status).toBe(503);
    expect(JSON.stringify(many.logged)).toContain("Set NATS_REPLICAS to no more than the servers");
  });
});

describe("a store that does not respond for a time", () => {
  const halted = async (work: () => Promise<void>) => {
    const pid = nats.pid ?? 0;
    process.kill(pid, "SIGSTOP");
    const state = () => execFileSync("ps", ["-o", "stat=", "-p", String(pid)], { encoding: "utf8" });
    await expect.poll(state).toMatch(/^T/); // A busy machine may run it for some time after the signal.
    try {
      await work();
    } finally {
      process.kill(pid, "SIGCONT");
    }
  };

  it("releases a key that it granted after the deadline, and blames no failure on the service", async () => {
    const hasty = await start([nats.url], { deadlineCap: 1_500 });
    await add("first", { text: "x" }, hasty);
    await halted(async () => expect((await add("k", { text: "x" }, hasty)).status).toBe(504));
    await expect.poll(async () => (await add("k", { text: "x" }, hasty)).status, { timeout: 15_000 }).toBe(201);
    expect(hasty.seen).toHaveLength(2);
    const page = await (await fetch(`http://127.0.0.1:${hasty.metricsPort}/metrics`)).text();
    const ended = page.split("\n").filter((line) => line.startsWith("kontor_gateway_endpoint_calls_total"));
    const ofIts = ended.filter((line) => line.includes(`:${hasty.servicesPort}"`) && !line.endsWith(" 0"));
    expect(ofIts).toEqual([expect.stringContaining('outcome="answered"')]);
  });

  it("is not opened again because of one late response", async () => {
    await add(randomUUID());
    const connection = await connect({ servers: nats.url });
    const looks: string[] = [];
    connection.subscribe("$JS.EVENT.ADVISORY.API", {
      callback: (_, message) => void looks.push(message.json<{ subject: string }>().subject),
    });
    await connection.flush();
    await halted(async () => expect((await add(randomUUID())).status).toBe(503));
    await expect.poll(async () => (await add(randomUUID())).status, { timeout: 15_000 }).toBe(201);
    await connection.flush();
    expect(looks.filter((subject) => subject.includes("STREAM.INFO.KV_"))).toEqual([]);
    await connection.close();
  });
});
