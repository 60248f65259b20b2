import { appendFileSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { textField } from "./fields.ts";
import type { Resource } from "./journal.ts";
import { type Simulator, startSimulator } from "./simulator.ts";
import { type Client, createClient, type Receiver, startReceiver, testApiKey, testWebhookSecret } from "./testing.ts";

let dataDir: string;
let receiver: Receiver;
let simulator: Simulator;
let client: Client;

async function start(gatherMs = 0): Promise<void> {
  const webhook = { url: receiver.url, secret: testWebhookSecret, attempts: 5, gatherMs };
  simulator = await startSimulator<Resource>(
    { host: "127.0.0.1", port: 0, dataDir, apiKey: testApiKey, webhook },
    ({ operation, journal }) => ({
      routes: [
        operation("/v1/things/{id}", (call) => {
          const thing = { id: call.param("id"), reference: textField(call.body, "reference") };
          return {
            type: "thing.made",
            resource: thing,
            webhook: thing,
            status: 201,
            answer: { thing, made: journal.undelivered().length },
          };
        }),
      ],
      start() {},
      stop() {},
    }),
  );
  client = createClient(simulator.port);
}

beforeEach(async () => {
  dataDir = mkdtempSync(join(tmpdir(), "simulator-"));
  receiver = await startReceiver();
  await start();
});
afterEach(async () => {
  await simulator.close();
  await receiver.close();
  rmSync(dataDir, { recursive: true });
});

async function logged(): Promise<{ type: string }[]> {
  const { body } = await client.get("/v1/log");
  return body
    .trim()
    .split("\n")
    .map((line: string) => JSON.parse(line));
}

describe("an operation", () => {
  it("happens once however often its key is sent, also at the same time and after a restart", async () => {
    const replies = await Promise.all([1, 2, 3].map(() => client.post("/v1/things/a", { reference: "r" }, "k1")));
    expect(replies.map(({ replayed }) => replayed).sort()).toEqual([false, true, true]);
    await simulator.close();
    await start();
    const again = await client.post("/v1/things/a", { reference: "r" }, "k1");
    expect(again).toEqual({ status: 201, replayed: true, body: replies[0]?.body });
    expect((await logged()).filter(({ type }) => type === "thing.made")).toHaveLength(1);
  });

  it("is refused when its key belongs to another body or path", async () => {
    await client.post("/v1/things/a", { reference: "r" }, "k1");
    const other = await client.post("/v1/things/a", { reference: "s" }, "k1");
    expect(other).toMatchObject({ status: 409, body: { error: { code: "idempotency_key_reused" } } });
    expect((await client.post("/v1/things/b", { reference: "r" }, "k1")).status).toBe(409);
  });

  it("leaves its key free when it was refused", async () => {
    expect((await client.post("/v1/things/a", {}, "k1")).status).toBe(422);
    expect(await client.post("/v1/things/a", { reference: "r" }, "k1")).toMatchObject({ status: 201, replayed: false });
  });

  it("can be queried by its key", async () => {
    expect((await client.get("/v1/operations?idempotencyKey=k1")).status).toBe(404);
    await client.post("/v1/things/a", { reference: "r" }, "k1");
    const { body } = await client.get("/v1/operations?idempotencyKey=k1");
    expect(body).toMatchObject({ idempotencyKey: "k1", type: "thing.made", resourceId: "a", status: 201 });
  });

  it("survives a line that a crash tore", async () => {
    await client.post("/v1/things/a", { reference: "r" }, "k1");
    await simulator.close();
    appendFileSync(join(dataDir, "log.jsonl"), '{"seq":99,"type":"th');
    await start();
    expect((await client.post("/v1/things/a", { reference: "r" }, "k1")).replayed).toBe(true);
  });

  it.each([
    ["no API key", { headers: { authorization: "Bearer nonsense" } }, 401],
    ["no idempotency key", { method: "POST", body: "{}" }, 422],
    ["a body that is no JSON", { method: "POST", body: "{" }, 400],
    ["a body that is no object", { method: "POST", body: "[]" }, 400],
    ["a huge body", { method: "POST", body: "x".repeat(70_000) }, 413],
    ["another method", { method: "DELETE" }, 405],
  ])("is refused with %s", async (_, init, status) => {
    const url = `http://127.0.0.1:${simulator.port}/v1/things/a`;
    const headers = { authorization: `Bearer ${testApiKey}` };
    expect((await fetch(url, { method: "POST", headers, ...init })).status).toBe(status);
  });
});

describe("a fault", () => {
  it("fails the next operations without doing anything", async () => {
    await client.post("/v1/control", { failNext: 1 });
    expect((await client.post("/v1/things/a", { reference: "r" }, "k1")).status).toBe(503);
    expect(await client.post("/v1/things/a", { reference: "r" }, "k1")).toMatchObject({ status: 201, replayed: false });
  });

  it("drops the response but not the effect", async () => {
    await client.post("/v1/control", { dropAnswersEvery: 2 });
    await client.post("/v1/things/a", { reference: "r" }, "k1");
    await expect(client.post("/v1/things/b", { reference: "r" }, "k2")).rejects.toThrow();
    expect(await client.post("/v1/things/b", { reference: "r" }, "k2")).toMatchObject({ status: 201, replayed: true });
  });

  it("is refused when it does not exist, and none is set", async () => {
    expect((await client.post("/v1/control", { failNext: 3, nonsense: 1 })).status).toBe(422);
    expect((await client.post("/v1/control", { failNext: -1 })).status).toBe(422);
    expect((await client.get("/v1/control")).body.failNext).toBe(0);
  });
});

describe("a webhook", () => {
  it("is signed and sent until it is accepted, once", async () => {
    receiver.refuseNext = 1;
    await client.post("/v1/things/a", { reference: "r" });
    await vi.waitFor(async () => expect((await logged()).at(-1)?.type).toBe("webhook.delivered"), { timeout: 5_000 });
    expect(receiver.received).toMatchObject([{ type: "thing.made", data: { id: "a", reference: "r" } }]);
  });

  it("carries the events of a moment; each is sent by itself after a refusal", async () => {
    await simulator.close();
    await start(200);
    const things = ["a", "b", "c", "d"];
    const make = () => Promise.all(things.map((id) => client.post(`/v1/things/${id}`, { reference: "r" })));
    await make();
    await vi.waitFor(() => expect(receiver.received.map(({ data }) => data.id).sort()).toEqual(things));
    expect(receiver.requests).toBe(1);
    receiver.refuseNext = 1;
    await make();
    await vi.waitFor(() => expect(receiver.received).toHaveLength(2 * things.length), { timeout: 5_000 });
    expect(receiver.requests).toBe(1 + things.length);
    expect(new Set(receiver.received.map(({ id }) => id)).size).toBe(2 * things.length);
  });

  it("survives a restart until it is delivered", async () => {
    await client.post("/v1/control", { delayWebhooksMs: 60_000 });
    await client.post("/v1/things/a", { reference: "r" });
    await simulator.close();
    expect(receiver.received).toEqual([]);
    await start();
    await vi.waitFor(() => expect(receiver.received).toHaveLength(1), { timeout: 5_000 });
  });

  it("is duplicated and reordered on demand", async () => {
    await client.post("/v1/control", { duplicateWebhooks: true, reorderWebhooks: true });
    await client.post("/v1/things/a", { reference: "r" });
    await client.post("/v1/things/b", { reference: "r" });
    await vi.waitFor(() => expect(receiver.received.map(({ data }) => data.id)).toEqual(["b", "b", "a", "a"]), {
      timeout: 5_000,
    });
  });
});
