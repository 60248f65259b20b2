import { paymentMethods } from "@kontor/contracts";
import { CatalogService } from "@kontor/contracts/catalog/v1/catalog_service";
import { InventoryService } from "@kontor/contracts/inventory/v1/inventory_service";
import { PaymentsService } from "@kontor/contracts/payments/v1/payments_service";
import { ShippingService } from "@kontor/contracts/shipping/v1/shipping_service";
import { UsersService } from "@kontor/contracts/users/v1/users_service";
import { createIdempotency, keyRetention } from "@kontor/idempotency";
import { createSagaEngine } from "@kontor/saga";
import { defineService } from "@kontor/service";
import { cancelOrder } from "./commands/cancel-order.ts";
import { placeOrder } from "./commands/place-order.ts";
import { settings } from "./config.ts";
import { orderConsumers } from "./inbound/events.ts";
import { ordersService } from "./inbound/grpc.ts";
import { catalogClient } from "./outbound/catalog-client.ts";
import { inventoryClient } from "./outbound/inventory-client.ts";
import { createOrderStore } from "./outbound/order-store.ts";
import { paymentsClient } from "./outbound/payments-client.ts";
import { sagaRunner } from "./outbound/saga-runner.ts";
import { shippingClient } from "./outbound/shipping-client.ts";
import { usersClient } from "./outbound/users-client.ts";
import { findOrder } from "./queries/find-order.ts";
import { listOrders } from "./queries/list-orders.ts";
import { watchOrder } from "./queries/watch-order.ts";
import { defineCancellation } from "./sagas/cancellation.ts";
import { defineCheckout } from "./sagas/checkout.ts";

/** The orders service. */
export const ordersApp = defineService({
  name: "orders",
  settings,
  migrations: new URL("../prisma/migrations/", import.meta.url),
  build({ config, db, log, client }) {
    const now = () => new Date();
    const orders = createOrderStore(db);
    const catalog = catalogClient(client(CatalogService, config.catalogAddress));
    const users = usersClient(client(UsersService, config.usersAddress));
    const inventory = inventoryClient(client(InventoryService, config.inventoryAddress));
    const payments = paymentsClient(client(PaymentsService, config.paymentsAddress));
    const shipping = shippingClient(client(ShippingService, config.shippingAddress));
    const checkout = defineCheckout({ orders, now, deadlineMs: config.checkoutDeadlineMs });
    const cancellation = defineCancellation({ orders, now });
    const services = { orders, inventory, payments, shipping };
    const engine = createSagaEngine({ db, log, sagas: [checkout, cancellation], services });
    const sagas = sagaRunner(engine);
    return {
      services: [
        ordersService({
          placeOrder: placeOrder({
            ...{ db, idempotency: createIdempotency(db), orders, sagas, catalog, users, inventory, shipping, now },
            paymentMethods: paymentMethods(config.paymentMethods),
          }),
          cancelOrder: cancelOrder({ db, orders, sagas, now }),
          findOrder: findOrder({ orders }),
          listOrders: listOrders({ orders }),
          watchOrder: watchOrder({ orders }),
          history: orders.history,
          sagas,
        }),
      ],
      consumers: orderConsumers({ orders, sagas, now }),
      background: [engine],
      retention: [keyRetention(config.idempotencyKeyRetentionMs)],
    };
  },
});
