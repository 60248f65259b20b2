import { setTimeout as pause } from "node:timers/promises";
import { text } from "@kontor/config";
import { implement } from "@kontor/rpc";
import { InventoryService, OrdersService } from "@kontor/sample";
import { defineService, runGroup } from "../src/index.ts";
import { stockService } from "./stock-service.ts";

const STEP_MS = 1_500;

/** A service whose background work calls inventory at the end of a long step, which began before the stop. */
const orders = defineService({
  name: "orders",
  system: { topology: { streams: [], consumers: [] } },
  settings: { inventoryAddress: text("INVENTORY_ADDRESS", { default: "in-process:///inventory", doc: "Inventory." }) },
  migrations: new URL("./migrations/", import.meta.url),
  build({ client, config, log }) {
    const inventory = client(InventoryService, config.inventoryAddress);
    let step: Promise<void> | undefined;
    const run = async () => {
      log.info("step begun");
      await pause(STEP_MS);
      const { reservation } = await inventory.reserveStock({ orderId: "1", items: [{ sku: "A", quantity: 1 }] });
      log.info({ orderId: reservation?.orderId }, "step finished");
    };
    const missing = () => Promise.reject(new Error("No test calls this."));
    const handlers = Object.fromEntries(OrdersService.methods.map(({ localName }) => [localName, missing]));
    return {
      services: [implement(OrdersService, handlers as never)],
      background: [
        {
          start() {
            step = run();
          },
          stop: () => step,
        },
      ],
    };
  },
});

await runGroup({
  name: "both",
  services: [stockService, orders],
  edges: [
    {
      name: "edge",
      settings: {},
      start: async ({ log }) => ({ stop: async () => log.info("edge stopped") }),
    },
  ],
});
