import type { DescMethodUnary, DescService, MessageInitShape } from "@bufbuild/protobuf";
import { createServer, type Implementation, implement } from "@kontor/rpc";
import { CatalogService } from "@kontor/shop/contracts/catalog/v1/catalog_service";
import { InventoryService } from "@kontor/shop/contracts/inventory/v1/inventory_service";
import { PaymentStatus } from "@kontor/shop/contracts/payments/v1/payment";
import { PaymentsService } from "@kontor/shop/contracts/payments/v1/payments_service";
import { PricingService } from "@kontor/shop/contracts/pricing/v1/pricing_service";
import { ShippingService } from "@kontor/shop/contracts/shipping/v1/shipping_service";
import { UsersService } from "@kontor/shop/contracts/users/v1/users_service";
import { createLogger } from "@kontor/telemetry";

/** Replaces the usual response to a call. Returning undefined keeps the usual one. */
export type Script = (nth: number) => unknown;

/** A gRPC server instead of the six services that orders calls. */
export interface ScriptedCallees {
  readonly address: string;
  /** The calls for an order that change something, by the name of their method. */
  readonly callsOf: (orderId: string) => readonly string[];
  /** Scripts by the name of a method, such as `AuthorisePayment`. */
  readonly on: Partial<Record<string, Script>>;
  readonly stop: () => Promise<void>;
}

const eur = (minor: bigint) => ({ currency: "EUR", minor });
const address = {
  ...{ id: "ADDR-55", recipient: "Ada", line1: "Weg 1", city: "Berlin", postalCode: "10115", country: "DE" },
};

type Request = {
  readonly orderId?: string;
  readonly items?: readonly { readonly productId?: string }[];
  readonly skus?: readonly string[];
  readonly lines?: readonly { readonly id: string; readonly quantity: number; readonly unitPrice: { minor: bigint } }[];
  readonly shipping?: { readonly price: object };
};

/** Returns prices without rules. */
function pricedLines({ lines = [], shipping }: Request): object {
  const priced = lines.map(({ id, quantity, unitPrice }) => {
    const amount = { currency: "EUR", minor: unitPrice.minor * BigInt(quantity) };
    return { id, unitPrice, net: amount, gross: amount };
  });
  const rate = shipping && { net: shipping.price, gross: shipping.price };
  return { lines: priced, shipping: rate, taxTreatment: { pricesIncludeTax: true } };
}

/** The usual responses, by method. */
const usual: Readonly<Record<string, (request: Request) => object>> = {
  QuoteItems: ({ items = [] }) => ({
    items: items.map(({ productId }) => ({
      ...{ productId, sku: productId, title: "Mug", unitPrice: eur(1200n), weightGrams: 300 },
    })),
  }),
  ResolveAddress: () => ({ address }),
  CheckAvailability: ({ skus = [] }) => ({ items: skus.map((sku) => ({ sku, quantity: 10 })), lowStock: 5 }),
  QuoteShipping: () => ({ rate: { price: eur(490n) } }),
  AuthorisePayment: () => ({ payment: { id: "p-1", status: PaymentStatus.AUTHORISED } }),
  RefundOrder: () => ({ payment: { id: "p-1", status: PaymentStatus.REFUNDED } }),
  PriceLines: pricedLines,
  DispatchShipment: () => ({ shipment: { trackingNumber: "TRACK-7" } }),
};

/** Starts the server. */
export async function startScriptedCallees(): Promise<ScriptedCallees> {
  const calls: { readonly name: string; readonly orderId: string }[] = [];
  const on: ScriptedCallees["on"] = {};
  const counts = new Map<string, number>();

  function handler({ name }: { readonly name: string }) {
    return async (request: Request): Promise<MessageInitShape<DescMethodUnary["output"]>> => {
      const { orderId } = request;
      if (orderId !== undefined) calls.push({ name, orderId });
      const nth = (counts.get(name) ?? 0) + 1;
      counts.set(name, nth);
      return ((await on[name]?.(nth)) ?? usual[name]?.(request) ?? {}) as MessageInitShape<DescMethodUnary["output"]>;
    };
  }
  function scripted(service: DescService): Implementation {
    const handlers = Object.fromEntries(service.methods.map((method) => [method.localName, handler(method)]));
    return implement(service, handlers as never);
  }

  const services = [CatalogService, UsersService, InventoryService, PaymentsService, ShippingService, PricingService];
  const server = createServer({
    services: services.map(scripted),
    policy: {
      verifyToken: () => Promise.reject(new Error("Orders calls no RPC of users.")),
      verifyCaller: async () => "orders",
    },
    log: createLogger({ service: "test", level: "silent" }),
  });
  const port = await server.listen("127.0.0.1", 0);
  server.setServing(true);
  return {
    ...{ on, address: `127.0.0.1:${port}` },
    callsOf: (id) => calls.flatMap(({ name, orderId }) => (orderId === id ? [name] : [])),
    stop: () => server.drain(1_000),
  };
}
