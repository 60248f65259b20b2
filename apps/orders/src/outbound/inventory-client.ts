import { isKontorError } from "@kontor/errors";
import type { RpcClient } from "@kontor/rpc";
import type { InventoryService } from "@kontor/shop/contracts/inventory/v1/inventory_service";
import type { Inventory } from "../ports.ts";
import { createSharedRead } from "./shared-read.ts";

/** The inventory over gRPC. Orders that are placed at the same time share a call that reads stock. */
export function inventoryClient(inventory: RpcClient<typeof InventoryService>): Inventory {
  const availability = createSharedRead<readonly string[], Awaited<ReturnType<Inventory["availability"]>>>({
    name: "orders.availability",
    sizeOf: (skus) => skus.length,
    async call(requests, options) {
      const skus = [...new Set(requests.flat())];
      const { items, lowStock } = await inventory.checkAvailability({ skus }, options);
      const units = new Map(items.map(({ sku, quantity }) => [sku, quantity]));
      return requests.map(() => ({ units, lowStock }));
    },
  });
  return {
    availability,
    reserve: async (orderId, items) => {
      await inventory.reserveStock({ orderId, items: [...items] });
    },
    commit: async (orderId) => {
      try {
        await inventory.commitReservation({ orderId });
        return "committed";
      } catch (error) {
        if (isKontorError(error, "RESERVATION_CLOSED")) return "closed";
        throw error;
      }
    },
    release: async (orderId) => {
      await inventory.releaseReservation({ orderId });
    },
    takeBack: async (orderId) => {
      await inventory.returnStock({ orderId });
    },
  };
}
