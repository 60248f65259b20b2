import { createRegistry, type Registry } from "@bufbuild/protobuf";
import { file_google_rpc_error_details } from "./gen/google/rpc/error_details_pb.js";
import { file_kontor_catalog_v1_catalog_service } from "./gen/kontor/catalog/v1/catalog_service_pb.js";
import { file_kontor_catalog_v1_events } from "./gen/kontor/catalog/v1/events_pb.js";
import { file_kontor_errors_v1_violation_params } from "./gen/kontor/errors/v1/violation_params_pb.js";
import { file_kontor_gateway_v1_order_details_service } from "./gen/kontor/gateway/v1/order_details_service_pb.js";
import { file_kontor_gateway_v1_product_page_service } from "./gen/kontor/gateway/v1/product_page_service_pb.js";
import { file_kontor_inventory_v1_events } from "./gen/kontor/inventory/v1/events_pb.js";
import { file_kontor_inventory_v1_inventory_service } from "./gen/kontor/inventory/v1/inventory_service_pb.js";
import { file_kontor_notifications_v1_notifications_service } from "./gen/kontor/notifications/v1/notifications_service_pb.js";
import { file_kontor_orders_v1_events } from "./gen/kontor/orders/v1/events_pb.js";
import { file_kontor_orders_v1_orders_service } from "./gen/kontor/orders/v1/orders_service_pb.js";
import { file_kontor_payments_v1_events } from "./gen/kontor/payments/v1/events_pb.js";
import { file_kontor_payments_v1_payments_service } from "./gen/kontor/payments/v1/payments_service_pb.js";
import { file_kontor_shipping_v1_events } from "./gen/kontor/shipping/v1/events_pb.js";
import { file_kontor_shipping_v1_shipping_service } from "./gen/kontor/shipping/v1/shipping_service_pb.js";
import { file_kontor_users_v1_events } from "./gen/kontor/users/v1/events_pb.js";
import { file_kontor_users_v1_users_service } from "./gen/kontor/users/v1/users_service_pb.js";

/** Every file of the shop's contracts with its imports: what the gateway serves and the checks read. */
export const registry: Registry = createRegistry(
  file_google_rpc_error_details,
  file_kontor_catalog_v1_catalog_service,
  file_kontor_catalog_v1_events,
  file_kontor_errors_v1_violation_params,
  file_kontor_gateway_v1_order_details_service,
  file_kontor_gateway_v1_product_page_service,
  file_kontor_inventory_v1_events,
  file_kontor_inventory_v1_inventory_service,
  file_kontor_notifications_v1_notifications_service,
  file_kontor_orders_v1_events,
  file_kontor_orders_v1_orders_service,
  file_kontor_payments_v1_events,
  file_kontor_payments_v1_payments_service,
  file_kontor_shipping_v1_events,
  file_kontor_shipping_v1_shipping_service,
  file_kontor_users_v1_events,
  file_kontor_users_v1_users_service,
);
