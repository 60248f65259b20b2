import { randomInt } from "node:crypto";
import { createSharedTransactions } from "@kontor/batch";
import { eventStoreTables } from "@kontor/event-store";
import { createIdempotency, idempotencyTables, keyRetention } from "@kontor/idempotency";
import { createRowQueue, openDatabase } from "@kontor/postgres";
import { createSagaEngine, sagaRetention, sagaTables } from "@kontor/saga";
import { defineService } from "@kontor/service";
import { paymentMethods, shop } from "@kontor/shop";
import { CatalogService } from "@kontor/shop/contracts/catalog/v1/catalog_service";
import { InventoryService } from "@kontor/shop/contracts/inventory/v1/inventory_service";
import { PaymentsService } from "@kontor/shop/contracts/payments/v1/payments_service";
import { PricingService } from "@kontor/shop/contracts/pricing/v1/pricing_service";
import { ShippingService } from "@kontor/shop/contracts/shipping/v1/shipping_service";
import { UsersService } from "@kontor/shop/contracts/users/v1/users_service";
import { addToCart } from "./commands/add-to-cart.ts";
import { cancelOrder } from "./commands/cancel-order.ts";
import { changeCart, createCart, openCart } from "./commands/change-cart.ts";
import { checkoutCart } from "./commands/checkout-cart.ts";
import { createLink } from "./commands/create-link.ts";
import { endCheckout } from "./commands/end-checkout.ts";
import { mergeCart } from "./commands/merge-cart.ts";
import { placeOrder } from "./commands/place-order.ts";
import { priceCart } from "./commands/price-cart.ts";
import { updateCart } from "./commands/update-cart.ts";
import { settings } from "./config.ts";
import { cartDetail, cartMessages } from "./contract/cart-message.ts";
import { NUMBER_BITS } from "./domain/order-number.ts";
import { cartService } from "./inbound/cart-grpc.ts";
import { orderConsumers } from "./inbound/events.ts";
import { ordersService } from "./inbound/grpc.ts";
import { cartRetention, createCartStore } from "./outbound/cart-store.ts";
import { catalogClient } from "./outbound/catalog-client.ts";
import { createAdmission } from "./outbound/checkout-admission.ts";
import { inventoryClient } from "./outbound/inventory-client.ts";
import { createOrderLinks } from "./outbound/order-links.ts";
import { createOrderStore } from "./outbound/order-store.ts";
import { paymentsClient } from "./outbound/payments-client.ts";
import { pricingClient } from "./outbound/pricing-client.ts";
import { checkouts, sagaRunner } from "./outbound/saga-runner.ts";
import { shippingClient } from "./outbound/shipping-client.ts";
import { usersClient } from "./outbound/users-client.ts";
import { findCart } from "./queries/find-cart.ts";
import { findOrder, orderNamed } from "./queries/find-order.ts";
import { listOrders } from "./queries/list-orders.ts";
import { orderOfLink } from "./queries/order-of-link.ts";
import { searchOrders } from "./queries/search-orders.ts";
import { watchOrder } from "./queries/watch-order.ts";
import { defineCancellations } from "./sagas/cancellation.ts";
import { CHECKOUT, defineCheckouts } from "./sagas/checkout.ts";

/** The orders service. */
export const ordersApp = defineService({
  system: shop,
  name: "orders",
  settings,
  migrations: new URL("../prisma/migrations/", import.meta.url),
  tables: [idempotencyTables, sagaTables, eventStoreTables],
  history: ["events", "saga_log"],
  build({ config, db, log, client, now }) {
    const orders = createOrderStore(db);
    const carts = createCartStore(db, { keepMs: config.cartRetentionMs });
    const pricing = pricingClient(client(PricingService, config.pricingAddress));
    const catalog = catalogClient(client(CatalogService, config.catalogAddress));
    const users = usersClient(client(UsersService, config.usersAddress));
    const inventory = inventoryClient(client(InventoryService, config.inventoryAddress));
    const payments = paymentsClient(client(PaymentsService, config.paymentsAddress));
    const shipping = shippingClient(client(ShippingService, config.shippingAddress));
    const checkoutVersions = defineCheckouts({ orders, carts, now, deadlineMs: config.checkoutDeadlineMs });
    const cancellations = defineCancellations({ orders, now });
    const address = { url: config.databaseUrl, caFile: config.databaseCaFile };
    const sagaDb = openDatabase({ ...address, service: "orders", part: "sagas", max: config.sagaConnections });
    // Its one connection is in use while orders arrive, so that the first refusal of a burst does not wait for one.
    const admissionDb = openDatabase({ ...address, service: "orders", part: "admission", max: 1 });
    const services = { orders, checkouts: checkouts(sagaDb), inventory, payments, shipping, pricing };
    const engine = createSagaEngine({ db: sagaDb, log, sagas: [...checkoutVersions, ...cancellations], services });
    const admission = createAdmission({
      backlog: () => engine.backlog(CHECKOUT, admissionDb),
      maxWaitMs: config.checkoutMaxWaitMs,
      now: () => performance.now(),
    });
    const sagas = sagaRunner(engine);
    const queue = createRowQueue();
    const links = createOrderLinks(db, { keepMs: config.orderLinkTtlMs });
    const price = priceCart({ catalog, inventory, shipping, pricing, orders });
    const message = cartMessages({ keepMs: config.cartRetentionMs });
    const cartDeps = { carts, findCart: findCart({ carts }), priceCart: price, now, queue: createRowQueue() };
    const placing = {
      share: createSharedTransactions(db, { name: "orders.place" }),
      idempotency: createIdempotency(db, { lookups: admissionDb }),
      ...{ orders, sagas, admission, now },
      random: () => randomInt(2 ** NUMBER_BITS),
      paymentMethods: paymentMethods(config.paymentMethods),
    };
    return {
      services: [
        cartService({
          ...{ message, priceCart: price, createCart: createCart(cartDeps), openCart: openCart(cartDeps) },
          changeCart: changeCart(cartDeps),
          addToCart: addToCart({ ...cartDeps, catalog }),
          updateCart: updateCart({ ...cartDeps, users }),
          mergeCart: mergeCart(cartDeps),
          checkoutCart: checkoutCart({
            ...{ ...cartDeps, ...placing, links },
            detailOf: (cart) => cartDetail(message(cart, "en")),
          }),
        }),
        ordersService({
          placeOrder: placeOrder({ ...placing, catalog, users, inventory, shipping }),
          cancelOrder: cancelOrder({ db, orders, sagas, now, queue }),
          endCheckout: endCheckout({ db, orders, sagas, now, queue }),
          findOrder: findOrder({ orders }),
          listOrders: listOrders({ orders }),
          searchOrders: searchOrders({ orders }),
          watchOrder: watchOrder({ orders }),
          orderOfLink: orderOfLink({ links, orders }),
          createLink: createLink({ db, links, orders }),
          revokeLinks: links.revoke,
          history: orders.history,
          sagaIdOf: async (named) => (await orderNamed({ orders }, named))?.orderId ?? named,
          sagas,
        }),
      ],
      consumers: orderConsumers({ orders, sagas, now }),
      background: [{ start: () => undefined, stop: () => Promise.all([sagaDb.close(), admissionDb.close()]) }, engine],
      retention: [
        keyRetention(config.idempotencyKeyRetentionMs),
        ...sagaRetention({ keepMs: config.sagaRetention }),
        ...cartRetention(config),
      ],
    };
  },
});
