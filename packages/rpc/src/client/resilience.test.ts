import events from "node:events";
import { type AddressInfo, createServer as createTcpServer, type Socket } from "node:net";
import { promisify } from "node:util";
import { Server, ServerCredentials, type sendUnaryData } from "@grpc/grpc-js";
import { defineErrors, type KontorError } from "@kontor/errors";
import { InventoryService } from "@kontor/sample";
import { registry } from "@kontor/telemetry";
import { freePort } from "@kontor/testing";
import { afterEach, describe, expect, it, vi } from "vitest";
import { aServer, identities } from "../../test/shop.ts";
import { createClient } from "./create-client.ts";
import { createRetryBudget } from "./retry-budget.ts";

const { AWAY } = defineErrors("test.kontor", { AWAY: { code: "UNAVAILABLE", message: "Away." } });

const UNUSED_ADDRESS = "127.0.0.1:1";

let stop: (() => Promise<void>) | undefined;
afterEach(() => stop?.());

async function failing(times: number, circumstances: { retryAfterMs?: number } = {}) {
  let calls = 0;
  const answer = async () => {
    if (calls++ < times) throw AWAY(circumstances);
    return {};
  };
  const server = await aServer({ inventory: { getAvailability: answer, restock: answer } });
  stop = server.stop;
  return { ...server, calls: () => calls };
}

const staff = { metadata: { authorization: "Bearer ada:inventory.write" } };

const same = (bytes: Buffer) => bytes;
const bytesAsTheyAre = {
  requestSerialize: same,
  requestDeserialize: same,
  responseSerialize: same,
  responseDeserialize: same,
};

describe("a call to a callee that is away", () => {
  it("is tried up to three times if the contract calls it idempotent", async () => {
    const { inventory, calls } = await failing(2);
    await inventory.getAvailability({ sku: "A" });
    expect(calls()).toBe(3);
  });

  it("fails after the third", async () => {
    const { inventory, calls } = await failing(9);
    await expect(inventory.getAvailability({ sku: "A" })).rejects.toMatchObject({ reason: "AWAY" });
    expect(calls()).toBe(3);
  });

  it("is not repeated if the caller forbids it", async () => {
    const { inventory, calls } = await failing(9);
    await expect(
      inventory.restock({ sku: "A", locationId: "BER", quantity: 1, reference: "r" }, { ...staff, idempotent: false }),
    ).rejects.toThrow();
    expect(calls()).toBe(1);
  });

  it("is not repeated by a client that leaves that to a mesh", async () => {
    const { address, calls } = await failing(9);
    using inventory = createClient(InventoryService, {
      address,
      identity: identities.of("orders"),
      retries: false,
    });
    await expect(inventory.getAvailability({ sku: "A" })).rejects.toMatchObject({ reason: "AWAY" });
    expect(calls()).toBe(1);
  });

  it("is repeated only after the callee's pause", async () => {
    const { inventory, calls } = await failing(1, { retryAfterMs: 150 });
    const startedAt = performance.now();
    await inventory.getAvailability({ sku: "A" });
    expect(performance.now() - startedAt).toBeGreaterThan(149);
    expect(calls()).toBe(2);
  });

  it("is not repeated if the callee's pause ends after the deadline", async () => {
    const { inventory, calls } = await failing(9, { retryAfterMs: 10_000 });
    await expect(inventory.getAvailability({ sku: "A" }, { timeoutMs: 5_000 })).rejects.toMatchObject({
      retryAfterMs: 10_000,
    });
    expect(calls()).toBe(1);
  });

  it("is cancelled at once when its caller cancels while it waits", async () => {
    const { inventory, calls } = await failing(9, { retryAfterMs: 60_000 });
    const giveUp = new AbortController();
    const call = inventory.getAvailability({ sku: "A" }, { timeoutMs: 120_000, signal: giveUp.signal });
    await vi.waitFor(() => expect(calls()).toBe(1));
    giveUp.abort();
    await expect(call).rejects.toMatchObject({ code: "CANCELLED" });
  });

  it("does not count as unprocessed because a foreign server reports that of its own callee", async () => {
    let calls = 0;
    const server = new Server();
    const path = `/${InventoryService.typeName}/Restock`;
    server.addService(
      { restock: { path, requestStream: false, responseStream: false, ...bytesAsTheyAre } },
      {
        restock: (_: unknown, done: sendUnaryData<Buffer>) => {
          calls++;
          done({ code: 14, details: "No connection established. Last error: null" });
        },
      },
    );
    stop = async () => server.forceShutdown();
    const port = await promisify(server.bindAsync.bind(server))("127.0.0.1:0", ServerCredentials.createInsecure());
    const options = { address: `127.0.0.1:${port}`, identity: identities.of("orders") };
    using inventory = createClient(InventoryService, options);
    const call = inventory.restock({ sku: "A", locationId: "BER", quantity: 1, reference: "r" }, { idempotent: false });
    await expect(call).rejects.toMatchObject({ code: "UNAVAILABLE" });
    expect(calls).toBe(1);
  });

  it("fails as UNAVAILABLE without a server", async () => {
    const options = { address: UNUSED_ADDRESS, identity: identities.of("orders") };
    using inventory = createClient(InventoryService, options);
    await expect(inventory.getAvailability({ sku: "A" })).rejects.toMatchObject({ code: "UNAVAILABLE" });
  });
});

describe("a read that is retried until its deadline", () => {
  it("succeeds at a callee that starts after the call, also when its circuit opened meanwhile", async () => {
    const port = await freePort();
    using inventory = createClient(InventoryService, { address: `127.0.0.1:${port}` });
    const reads = Array.from({ length: 12 }, () => inventory.getAvailability({ sku: "A" }, { untilDeadline: true }));
    const refused = async () =>
      inventory.getAvailability({ sku: "A" }, { timeoutMs: 200 }).catch((error: KontorError) => error.reason);
    await vi.waitFor(async () => expect(await refused()).toBe("CIRCUIT_OPEN"), { timeout: 10_000 });
    const server = await aServer({ inventory: { getAvailability: async () => ({}) } }, {}, port);
    stop = server.stop;
    await expect(Promise.all(reads)).resolves.toHaveLength(12);
  }, 30_000);

  it("continues after the third attempt, and fails with its callee's last error at the deadline", async () => {
    const { inventory, calls } = await failing(1_000);
    const read = inventory.getAvailability({ sku: "A" }, { untilDeadline: true, timeoutMs: 1_500 });
    await expect(read).rejects.toMatchObject({ code: expect.stringMatching(/UNAVAILABLE|DEADLINE_EXCEEDED/) });
    expect(calls()).toBeGreaterThan(3);
  });

  it("is not retried if it may not be repeated", async () => {
    const { inventory, calls } = await failing(9);
    const once = inventory.restock(
      { sku: "A", locationId: "BER", quantity: 1, reference: "r" },
      { ...staff, idempotent: false, untilDeadline: true },
    );
    await expect(once).rejects.toMatchObject({ reason: "AWAY" });
    expect(calls()).toBe(1);
  });
});

describe("the circuit breaker", () => {
  const once = { idempotent: false };
  const thrownBy = (call: Promise<unknown>) =>
    call.then(
      () => undefined,
      (error: unknown) => error,
    );
  async function afterMany(call: () => Promise<unknown>) {
    let last: unknown;
    for (let n = 0; n < 40; n++) last = await thrownBy(call());
    return last;
  }
  const open = { code: "UNAVAILABLE", reason: "CIRCUIT_OPEN" };

  it("opens without a server, refuses at once, and exposes its state", async () => {
    const address = UNUSED_ADDRESS;
    using inventory = createClient(InventoryService, { address, identity: identities.of("orders") });
    expect(await afterMany(() => inventory.getAvailability({ sku: "A" }, once))).toMatchObject(open);
    expect(await registry.metrics()).toContain(
      `kontor_rpc_client_circuit_state{service="sample.v1.InventoryService",target="${address}"} 2`,
    );
  });

  it("opens when the callee does not respond in time", async () => {
    const { inventory, stop: end } = await aServer({ inventory: { getAvailability: () => new Promise(() => {}) } });
    stop = end;
    expect(await afterMany(() => inventory.getAvailability({ sku: "A" }, { ...once, timeoutMs: 5 }))).toMatchObject(
      open,
    );
  });

  it("limits a callee that accepts connections and never responds to one time-out, not one per call", async () => {
    const sockets = new Set<Socket>();
    const silent = createTcpServer((socket) => void sockets.add(socket)).listen(0, "127.0.0.1");
    await events.once(silent, "listening");
    stop = async () => {
      for (const socket of sockets) socket.destroy();
      silent.close();
    };
    const address = `127.0.0.1:${(silent.address() as AddressInfo).port}`;
    using inventory = createClient(InventoryService, { address });
    const startedAt = performance.now();
    const first = thrownBy(inventory.getAvailability({ sku: "A" }, { ...once, timeoutMs: 1_200 }));
    const waiting = Array.from({ length: 20 }, () =>
      thrownBy(inventory.getAvailability({ sku: "A" }, { ...once, timeoutMs: 30_000 })),
    );
    expect(await first).toMatchObject({ code: "DEADLINE_EXCEEDED" });
    for (const error of await Promise.all(waiting))
      expect(error).toMatchObject({ code: "UNAVAILABLE", reason: "CALLEE_UNRESPONSIVE" });
    expect(await thrownBy(inventory.getAvailability({ sku: "A" }, { ...once, timeoutMs: 30_000 }))).toMatchObject(open);
    expect(performance.now() - startedAt).toBeLessThan(10_000);
  });

  it("opens when the callee sheds", async () => {
    const { inventory, stop: end } = await aServer({}, { maxInFlight: 0 });
    stop = end;
    expect(await afterMany(() => inventory.getAvailability({ sku: "A" }, once))).toMatchObject(open);
  });

  it("stays closed for each status of the application", async () => {
    const { inventory, calls } = await failing(1000);
    expect(await afterMany(() => inventory.getAvailability({ sku: "A" }, once))).toMatchObject({ reason: "AWAY" });
    expect(calls()).toBe(40);
  });

  it("does not take a callee for away whose own callee is", async () => {
    const address = UNUSED_ADDRESS;
    using away = createClient(InventoryService, { address, identity: identities.of("orders") });
    const { inventory, stop: end } = await aServer({
      inventory: { getAvailability: () => away.getAvailability({ sku: "A" }, once) },
    });
    stop = end;
    const last = await afterMany(() => inventory.getAvailability({ sku: "A" }));
    expect(last).toMatchObject({ code: "UNAVAILABLE", reason: "DEPENDENCY_UNAVAILABLE", domain: "rpc.kontor" });
  });
});

describe("the retry budget", () => {
  it("allows ten a second and a fifth of the calls, and no more", () => {
    let at = 0;
    const budget = createRetryBudget(() => at);
    const spend = () => {
      let spent = 0;
      while (budget.withdraw()) spent++;
      return spent;
    };
    expect(spend()).toBe(10);
    for (let n = 0; n < 51; n++) budget.deposit();
    expect(spend()).toBe(10);
    at = 500;
    expect(spend()).toBe(5);
  });
});
