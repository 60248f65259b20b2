import { randomUUID } from "node:crypto";
import type { ShopClient } from "@kontor/launcher";
import { type ApiError, apiError, type Order } from "@kontor/shop/client";

export type OrderRequest = { productId?: string; quantity?: number; price?: number; paymentMethod?: string };

/** The body of an order: an enamel mug by card, by default. */
export const orderBody = ({
  productId = "P-101",
  quantity = 1,
  price = 1200,
  paymentMethod = "card",
}: OrderRequest = {}) => ({
  items: [{ productId, quantity, price }],
  shippingAddressId: "ADDR-55",
  paymentMethod,
  idempotencyKey: randomUUID(),
});

export const placeOrder = (shop: ShopClient, request: OrderRequest = {}): Promise<Order> =>
  shop.orders.placeOrder(orderBody(request));

/** Places an order that is expected to be refused, and returns the refusal. */
export async function refusalOf(shop: ShopClient, request: OrderRequest): Promise<ApiError | Order> {
  try {
    return await placeOrder(shop, request);
  } catch (error) {
    const refusal = apiError(error);
    if (refusal === undefined || refusal.status >= 500) throw error;
    return refusal;
  }
}
