import { isKontorError } from "@kontor/errors";
import type { RpcClient } from "@kontor/rpc";
import type { InventoryService } from "@kontor/shop/contracts/inventory/v1/inventory_service";
import { ReservationStatus } from "@kontor/shop/contracts/inventory/v1/stock";
import type { Inventory } from "../ports.ts";

/** The inventory over gRPC. */
export function inventoryClient(inventory: RpcClient<typeof InventoryService>): Inventory {
  return {
    async soldItems(orderId) {
      const { reservation } = await inventory.getReservation({ orderId }).catch((error: unknown) => {
        if (isKontorError(error, "RESERVATION_NOT_FOUND")) return { reservation: undefined };
        throw error;
      });
      const returned = reservation?.status === ReservationStatus.RETURNED;
      if (reservation?.status !== ReservationStatus.COMMITTED && !returned) return [];
      return reservation.items.map(({ sku, quantity }) => ({ sku, sold: quantity, returned: returned ? quantity : 0 }));
    },
  };
}
