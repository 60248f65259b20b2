import { promises as dns } from "node:dns";
import { InventoryService } from "@kontor/sample";
import { readySlice, startFakeApiServer } from "@kontor/testing";
import { afterEach, describe, expect, it, vi } from "vitest";
import { aServer, identities } from "../../test/shop.ts";
import { transport } from "../../test/transport.ts";
import { createClient } from "./create-client.ts";
import { connectTarget } from "./shared-pools.ts";

const eventually = (check: () => void) => vi.waitFor(check, { timeout: 20_000 });

const stops: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (let stop = stops.pop(); stop; stop = stops.pop()) await stop();
});

async function replica(sku: string, limits: { readonly maxConnectionAgeMs?: number } = {}) {
  const started = await aServer({ inventory: { restock: async () => ({ stock: { sku } }) } }, limits);
  stops.push(started.stop);
  return started;
}

const staff = { metadata: { authorization: "Bearer ada:inventory.write" }, idempotent: false };

/** Makes calls that must not be repeated, many at the same time, until it is stopped. */
function traffic(address: string) {
  const inventory = createClient(InventoryService, { address, identity: identities.of("orders"), transport });
  const answers: string[] = [];
  const failures: unknown[] = [];
  let going = true;
  const worker = async () => {
    while (going) {
      try {
        answers.push(
          (await inventory.restock({ sku: "A", locationId: "BER", quantity: 1, reference: "r" }, staff)).stock?.sku ??
            "",
        );
      } catch (error) {
        failures.push(error);
      }
    }
  };
  const workers = Array.from({ length: 20 }, worker);
  return {
    answers,
    failures,
    async stop() {
      going = false;
      await Promise.all(workers);
      inventory[Symbol.dispose]();
    },
  };
}

describe("calls that must not be retried, under load", () => {
  it("do not fail when servers let connections age", async () => {
    const [one, other] = await Promise.all(["A", "B"].map((sku) => replica(sku, { maxConnectionAgeMs: 400 })));
    const { answers, failures, stop } = traffic(`${one?.address},${other?.address}`);
    const startedAt = performance.now();
    await eventually(() => expect(performance.now() - startedAt).toBeGreaterThan(2_000));
    await stop();
    expect(answers.length).toBeGreaterThan(100);
    expect(failures).toEqual([]);
  });

  it("do not fail when one server of two drains", async () => {
    const [one, other] = await Promise.all(["A", "B"].map((sku) => replica(sku)));
    const { answers, failures, stop } = traffic(`${one?.address},${other?.address}`);
    await eventually(() => expect(new Set(answers)).toEqual(new Set(["A", "B"])));
    await one?.server.drain(5_000);
    const before = answers.length;
    await eventually(() => expect(answers.length).toBeGreaterThan(before + 100));
    await stop();
    expect(failures).toEqual([]);
  });
});

describe("a service that EndpointSlices name", () => {
  it("gets calls at a new replica as soon as there is one, and none at one that ends", async () => {
    const api = await startFakeApiServer();
    stops.push(api.stop);
    const [one, other] = await Promise.all(["A", "B"].map((sku) => replica(sku)));
    api.put("a", sliceOf(one?.address));
    const { answers, failures, stop } = traffic("kubernetes:///inventory.shop:grpc");
    await eventually(() => expect(answers).toContain("A"));
    expect(answers).not.toContain("B");
    api.put("b", sliceOf(other?.address));
    await eventually(() => expect(answers.slice(-40)).toContain("B"));
    api.remove("a");
    await eventually(() => expect(answers.slice(-40)).not.toContain("A"));
    await stop();
    expect(failures).toEqual([]);
  });
});

function sliceOf(address = "") {
  const [host = "", port] = address.split(":");
  return readySlice([host], Number(port));
}

describe("a service whose name is not known yet", () => {
  it("is connected to soon after it becomes known", async () => {
    const known = Date.now() + 1_500;
    const lookup = vi.spyOn(dns, "lookup").mockImplementation(async () => {
      if (Date.now() < known) throw Object.assign(new Error("getaddrinfo ENOTFOUND"), { code: "ENOTFOUND" });
      return [{ address: "127.0.0.1", family: 4 }] as never;
    });
    stops.push(async () => lookup.mockRestore());
    const { address = "" } = await replica("A");
    const target = `dns:///inventory.test:${address.split(":")[1]}`;
    using _ = createClient(InventoryService, { address: target });
    await connectTarget(target, 20_000);
    expect(Date.now() - known).toBeLessThan(5_000);
  });
});
