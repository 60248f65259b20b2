import { catalogApp } from "../../apps/catalog/src/app.ts";
import { inventoryApp } from "../../apps/inventory/src/app.ts";
import { notificationsApp } from "../../apps/notifications/src/app.ts";
import { ordersApp } from "../../apps/orders/src/app.ts";
import { paymentsApp } from "../../apps/payments/src/app.ts";
import { shippingApp } from "../../apps/shipping/src/app.ts";
import { usersApp } from "../../apps/users/src/app.ts";

export { gatewayProcess } from "../../apps/gateway/src/app.ts";

/** Every service, in the order of the alphabet. */
export const serviceApps = [catalogApp, inventoryApp, notificationsApp, ordersApp, paymentsApp, shippingApp, usersApp];
