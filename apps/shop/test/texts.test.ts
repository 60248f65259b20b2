import { type DescField, type DescMessage, hasOption, ScalarType } from "@bufbuild/protobuf";
import { FeatureSet_FieldPresence as FieldPresence } from "@bufbuild/protobuf/wkt";
import { wire_copy_of } from "@kontor/contracts/options/v1/options";
import { expect, it } from "vitest";
import { registry } from "../src/registry.ts";

/** The texts of responses and events that always have a value. All others are `optional`: absent instead of empty. */
const neverEmpty = {
  "catalog.v1.Category": ["id", "name"],
  "catalog.v1.CategoryCount": ["category_id"],
  "catalog.v1.Product": ["id", "title", "category_id"],
  "catalog.v1.QuotedItem": ["product_id"],
  "catalog.v1.SearchHit": ["product_id", "title", "category_id"],
  "catalog.v1.Variant": ["sku", "title"],
  "inventory.v1.Availability": ["sku"],
  "inventory.v1.Location": ["id", "name"],
  "inventory.v1.LowStock": ["sku"],
  "inventory.v1.Reservation": ["order_id"],
  "inventory.v1.ReservationExpired": ["order_id"],
  "inventory.v1.Stock": ["sku"],
  "inventory.v1.StockActor": ["id"],
  "inventory.v1.StockChanged": ["sku"],
  "inventory.v1.StockItem": ["sku"],
  "inventory.v1.StockLevel": ["location_id"],
  "inventory.v1.StockMovement": ["sku", "location_id"],
  "money.v1.Money": ["currency"],
  "notifications.v1.Notification": ["id", "user_id", "order_id", "template", "channel"],
  "orders.v1.Order": ["id", "user_id", "shipping_method", "payment_method"],
  "orders.v1.OrderHistoryEntry": ["type", "description"],
  "orders.v1.OrderLine": ["product_id", "sku", "title"],
  "orders.v1.ParkedSaga": ["name", "saga_id", "step"],
  "payments.v1.LedgerEntry": ["transaction_id", "kind", "account"],
  "payments.v1.Payment": ["id", "order_id"],
  "payments.v1.RestockedItem": ["sku"],
  "shipping.v1.Shipment": ["id", "order_id"],
  "shipping.v1.ShippingRate": ["method", "title"],
  "users.v1.Address": ["id", "recipient", "line1", "city", "postal_code", "country"],
  "users.v1.JsonWebKey": ["kty", "kid", "use", "alg"],
  "users.v1.Session": ["access_token", "token_type", "refresh_token", "user_id"],
  "users.v1.SessionEnded": ["session_id", "user_id"],
  "users.v1.User": ["id", "email", "locale"],
  "users.v1.UserRegistered": ["user_id", "email", "locale"],
  "users.v1.UserUpdated": ["user_id", "email", "locale"],
};

function isImplicitText(field: DescField): boolean {
  const isText = field.scalar === ScalarType.STRING && field.fieldKind === "scalar";
  return isText && field.presence === FieldPresence.IMPLICIT && !hasOption(field, wire_copy_of);
}

it("texts of responses and events are optional unless they always have a value", () => {
  const shown = new Set<DescMessage>();
  for (const type of registry) {
    if (type.kind === "service") for (const { output } of type.methods) shown.add(output);
    if (type.kind === "message" && type.file.name.endsWith("/events")) shown.add(type);
  }
  for (const { fields } of shown) for (const { message } of fields) if (message !== undefined) shown.add(message);
  const texts = [...shown]
    .filter(({ typeName }) => /^(shop|kontor)\./.test(typeName))
    .map(({ typeName, fields }) => [typeName, fields.filter(isImplicitText).map(({ name }) => name)] as const)
    .filter(([, names]) => names.length > 0)
    .map(([typeName, names]) => [typeName.replace(/^(shop|kontor)\./, ""), names] as const);
  expect(Object.fromEntries(texts)).toEqual(neverEmpty);
});
