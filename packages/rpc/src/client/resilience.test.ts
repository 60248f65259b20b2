import { InventoryService } from "@kontor/contracts/inventory/v1/inventory_service";
import { defineErrors } from "@kontor/errors";
import { registry } from "@kontor/telemetry";
import { afterEach, describe, expect, it } from "vitest";
import { aServer, INTERNAL_TOKEN } from "../../test/shop.ts";
import { createClient } from "./create-client.ts";
import { createRetryBudget } from "./retry-budget.ts";

const { AWAY } = defineErrors("test.kontor", { AWAY: { code: "UNAVAILABLE", message: "Away." } });

let stop: (() => Promise<void>) | undefined;
afterEach(() => stop?.());

async function failing(times: number) {
  let calls = 0;
  const answer = async () => {
    if (calls++ < times) throw AWAY();
    return {};
  };
  const server = await aServer({ inventory: { getStock: answer, restock: answer } });
  stop = server.stop;
  return { ...server, calls: () => calls };
}

const staff = { metadata: { authorization: "Bearer ada:inventory.write" } };

describe("a call to a callee that is away", () => {
  it("is tried up to three times if the contract calls it idempotent", async () => {
    const { inventory, calls } = await failing(2);
    await inventory.getStock({});
    expect(calls()).toBe(3);
  });

  it("fails after the third", async () => {
    const { inventory, calls } = await failing(9);
    await expect(inventory.getStock({})).rejects.toMatchObject({ reason: "AWAY" });
    expect(calls()).toBe(3);
  });

  it("is not repeated if the caller says it may not be", async () => {
    const { inventory, calls } = await failing(9);
    await expect(inventory.restock({ reference: "r" }, { ...staff, idempotent: false })).rejects.toThrow();
    expect(calls()).toBe(1);
  });

  it("fails as UNAVAILABLE if nobody listens", async () => {
    const options = { address: "127.0.0.1:1", caller: "orders", callerToken: INTERNAL_TOKEN };
    using inventory = createClient(InventoryService, options);
    await expect(inventory.getStock({})).rejects.toMatchObject({ code: "UNAVAILABLE" });
  });
});

describe("the circuit breaker", () => {
  it("opens after a row of failures, refuses at once, and shows its state", async () => {
    const { inventory, calls, address } = await failing(1000);
    const call = () => inventory.getStock({}, { idempotent: false }).catch((error: unknown) => error);
    let last: unknown;
    for (let n = 0; n < 40; n++) last = await call();
    expect(last).toMatchObject({ code: "UNAVAILABLE", reason: "CIRCUIT_OPEN" });
    expect(calls()).toBeLessThan(40);
    expect(await registry.metrics()).toContain(
      `kontor_rpc_client_circuit_state{service="kontor.inventory.v1.InventoryService",target="${address}"} 2`,
    );
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
