import { randomUUID } from "node:crypto";
import { type Agent, request } from "undici";

/** Posts an order for one unit of a product. Resolves to the response, whose body is not read yet. */
export function postOrder(gateway: string, agent: Agent, token: string, productId: string) {
  return request(`${gateway}/api/v1/orders`, {
    method: "POST",
    dispatcher: agent,
    headers: { authorization: `Bearer ${token}`, "content-type": "application/json" },
    body: JSON.stringify({
      items: [{ productId, quantity: 1, price: 1200 }],
      shippingAddressId: "ADDR-55",
      paymentMethod: "card",
      idempotencyKey: randomUUID(),
    }),
  });
}
