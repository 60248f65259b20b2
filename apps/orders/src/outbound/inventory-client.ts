import type { MessageInitShape } from "@bufbuild/protobuf";
import { isKontorError } from "@kontor/errors";
import type { RpcClient } from "@kontor/rpc";
import type {
  InventoryService,
  ReserveStockRequestSchema,
} from "@kontor/shop/contracts/inventory/v1/inventory_service";
import type { Inventory } from "../callees.ts";
import { createSharedCall } from "./shared-call.ts";
import { createSharedRead } from "./shared-read.ts";

/** The inventory over gRPC. Orders share the calls that read, reserve and commit stock. */
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
  const reserve = createSharedCall<MessageInitShape<typeof ReserveStockRequestSchema>>({
    name: "orders.reserve",
    single: (request) => inventory.reserveStock(request),
    batch: async (requests) => (await inventory.batchReserveStock({ requests: [...requests] })).results,
  });
  const commit = createSharedCall<{ readonly orderId: string }>({
    name: "orders.commit",
    single: (request) => inventory.commitReservation(request),
    batch: async (requests) => (await inventory.batchCommitReservations({ requests: [...requests] })).results,
  });
  return {
    availability,
    reserve: (orderId, items) => reserve({ orderId, items: [...items] }),
    commit: async (orderId) => {
      try {
        await commit({ orderId });
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
