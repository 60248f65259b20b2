import { isKontorError } from "@kontor/errors";
import type { RpcClient } from "@kontor/rpc";
import type { InventoryService } from "@kontor/shop/contracts/inventory/v1/inventory_service";
import type { Inventory } from "../ports.ts";
import { RETRY_UNTIL_DEADLINE } from "./placement-reads.ts";

/** The inventory over gRPC. */
export function inventoryClient(inventory: RpcClient<typeof InventoryService>): Inventory {
  return {
    availability: async (skus) => {
      const { items, lowStock } = await inventory.checkAvailability({ skus: [...skus] }, RETRY_UNTIL_DEADLINE);
      return { units: new Map(items.map(({ sku, quantity }) => [sku, quantity])), lowStock };
    },
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
