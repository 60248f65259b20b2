import { createRegistry, type Registry } from "@bufbuild/protobuf";
import { file_kontor_errors_v1_violation_params } from "@kontor/contracts/errors/v1/violation_params";
import { file_google_rpc_error_details } from "@kontor/contracts/google/rpc/error_details";
import { file_shop_catalog_v1_catalog_service } from "@kontor/shop/contracts/catalog/v1/catalog_service";
import { file_shop_catalog_v1_events } from "@kontor/shop/contracts/catalog/v1/events";
import { file_shop_gateway_v1_order_details_service } from "@kontor/shop/contracts/gateway/v1/order_details_service";
import { file_shop_gateway_v1_product_page_service } from "@kontor/shop/contracts/gateway/v1/product_page_service";
import { file_shop_inventory_v1_events } from "@kontor/shop/contracts/inventory/v1/events";
import { file_shop_inventory_v1_inventory_service } from "@kontor/shop/contracts/inventory/v1/inventory_service";
import { file_shop_notifications_v1_notifications_service } from "@kontor/shop/contracts/notifications/v1/notifications_service";
import { file_shop_orders_v1_events } from "@kontor/shop/contracts/orders/v1/events";
import { file_shop_orders_v1_orders_service } from "@kontor/shop/contracts/orders/v1/orders_service";
import { file_shop_payments_v1_events } from "@kontor/shop/contracts/payments/v1/events";
import { file_shop_payments_v1_payments_service } from "@kontor/shop/contracts/payments/v1/payments_service";
import { file_shop_pricing_v1_events } from "@kontor/shop/contracts/pricing/v1/events";
import { file_shop_pricing_v1_pricing_service } from "@kontor/shop/contracts/pricing/v1/pricing_service";
import { file_shop_shipping_v1_events } from "@kontor/shop/contracts/shipping/v1/events";
import { file_shop_shipping_v1_shipping_service } from "@kontor/shop/contracts/shipping/v1/shipping_service";
import { file_shop_users_v1_events } from "@kontor/shop/contracts/users/v1/events";
import { file_shop_users_v1_users_service } from "@kontor/shop/contracts/users/v1/users_service";

/** Every file of the shop's contracts with its imports: what the gateway serves and the checks read. */
export const registry: Registry = createRegistry(
  file_google_rpc_error_details,
  file_shop_catalog_v1_catalog_service,
  file_shop_catalog_v1_events,
  file_kontor_errors_v1_violation_params,
  file_shop_gateway_v1_order_details_service,
  file_shop_gateway_v1_product_page_service,
  file_shop_inventory_v1_events,
  file_shop_inventory_v1_inventory_service,
  file_shop_notifications_v1_notifications_service,
  file_shop_orders_v1_events,
  file_shop_orders_v1_orders_service,
  file_shop_payments_v1_events,
  file_shop_payments_v1_payments_service,
  file_shop_pricing_v1_events,
  file_shop_pricing_v1_pricing_service,
  file_shop_shipping_v1_events,
  file_shop_shipping_v1_shipping_service,
  file_shop_users_v1_events,
  file_shop_users_v1_users_service,
);
