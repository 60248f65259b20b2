import { randomUUID } from "node:crypto";

/** The parts of a cart that journeys read. Amounts are strings, as ProtoJSON has them. */
export interface CartBody {
  readonly id: string;
  readonly version: string;
  readonly total?: { readonly minor: string | number };
  readonly lines?: readonly { readonly sku: string; readonly quantity: number }[];
  readonly problems?: readonly { readonly kind: string; readonly sku?: string; readonly blocking?: boolean }[];
  readonly orderId?: string;
}

/** The response of a checkout, or why it was refused. */
export interface CheckoutBody {
  readonly order?: { readonly id: string; readonly userId: string };
  readonly orderToken?: string;
  readonly reason?: string;
  readonly details?: readonly CartBody[];
}

const address = { recipient: "Ada", line1: "Weg 1", city: "Berlin", postalCode: "10115", country: "DE" };

/** Returns calls of the cart API of a guest, or of the user of a token. */
export function cartCalls(gateway: string, token?: string) {
  async function call<T>(method: string, path: string, body?: unknown): Promise<{ status: number; body: T }> {
    const response = await fetch(`${gateway}/api/v1${path}`, {
      method,
      headers: {
        "content-type": "application/json",
        ...(token !== undefined && { authorization: `Bearer ${token}` }),
      },
      ...(body !== undefined && { body: JSON.stringify(body) }),
      signal: AbortSignal.timeout(30_000),
    });
    return { status: response.status, body: (await response.json()) as T };
  }
  const add = (cartId: string, productId: string, quantity = 1) =>
    call<CartBody>("POST", `/carts/${cartId}/lines`, { productId, quantity });
  return {
    call,
    add,
    create: () => call<CartBody>("POST", "/carts", {}),
    read: (cartId: string) => call<CartBody>("GET", `/carts/${cartId}`),
    update: (cartId: string, choices: object = {}) =>
      call<CartBody>("PATCH", `/carts/${cartId}`, { shippingAddress: address, email: "ada@example.com", ...choices }),
    checkout: ({ id, version }: CartBody, idempotencyKey: string = randomUUID()) =>
      call<CheckoutBody>("POST", `/carts/${id}:checkout`, { version, paymentMethod: "card", idempotencyKey }),
  };
}
