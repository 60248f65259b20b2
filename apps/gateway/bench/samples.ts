import { create, toBinary } from "@bufbuild/protobuf";
import {
  CatalogService,
  GetProductResponseSchema,
  ListProductsResponseSchema,
} from "@kontor/shop/contracts/catalog/v1/catalog_service";
import { OrdersService, PlaceOrderResponseSchema } from "@kontor/shop/contracts/orders/v1/orders_service";

const at = { seconds: 1_790_000_000n, nanos: 123_000_000 };
const price = { currency: "EUR", minor: 1999n };

/** A product of about 1 KB as JSON. */
function product(index: number) {
  return {
    ...{ id: `P-${index}`, title: `Espresso cup ${index}`, categoryId: "kitchen", status: 2, version: 7 },
    description: "Hand-thrown stoneware with a matt glaze, dishwasher safe, holds 90 ml. ".repeat(4),
    options: ["colour"],
    variants: ["blue", "sand", "black"].map((colour) => ({
      ...{ sku: `P-${index}-${colour}`, title: `Espresso cup, ${colour}`, price, weightGrams: 180 },
      optionValues: { colour },
    })),
    ...{ createdAt: at, updatedAt: at, mediaUrls: [`https://media.example/p-${index}.avif`] },
  };
}

const order = {
  ...{ id: "01980000-0000-7000-8000-000000000000", userId: "u1", status: 1, paymentMethod: "card", version: 1 },
  items: ["a", "b", "c"].map((id) => ({
    productId: id,
    sku: id,
    title: `Thing ${id}`,
    quantity: 2,
    price,
    priceMinor: 1200n,
  })),
  ...{ itemsTotal: price, shippingTotal: price, total: price, shippingMethod: "standard", placedAt: at, updatedAt: at },
  shippingAddress: {
    id: "ADDR-55",
    recipient: "Ada",
    line1: "Weg 1",
    city: "Berlin",
    postalCode: "10115",
    country: "DE",
  },
};

const path = (service: { typeName: string }, rpc: string) => `/${service.typeName}/${rpc}`;

/** The responses of the upstream, by the path of the RPC. */
export const answers: ReadonlyMap<string, Uint8Array> = new Map([
  [
    path(CatalogService, "GetProduct"),
    toBinary(GetProductResponseSchema, create(GetProductResponseSchema, { product: product(1) })),
  ],
  [
    path(CatalogService, "ListProducts"),
    toBinary(
      ListProductsResponseSchema,
      create(ListProductsResponseSchema, { products: Array.from({ length: 50 }, (_, index) => product(index)) }),
    ),
  ],
  [path(OrdersService, "PlaceOrder"), toBinary(PlaceOrderResponseSchema, create(PlaceOrderResponseSchema, { order }))],
]);

/** A kind of request. Each request differs from the last one, so that no cache serves it. */
export interface Sample {
  readonly name: string;
  readonly method: "GET" | "POST";
  path(index: number): string;
  body?(index: number): string;
}

/** The measured requests. */
export const samples: readonly Sample[] = [
  { name: "GET a product", method: "GET", path: (index) => `/api/v1/products/P-${index}` },
  {
    name: "GET a list of 50",
    method: "GET",
    path: (index) => `/api/v1/products?pageSize=50&pageToken=${index}`,
  },
  {
    ...{ name: "POST an order", method: "POST", path: () => "/api/v1/orders" },
    body: (index) =>
      JSON.stringify({
        items: ["a", "b", "c"].map((productId) => ({ productId, quantity: 2, price: 1200 })),
        ...{ shippingAddressId: "ADDR-55", paymentMethod: "card", idempotencyKey: `order-${index}` },
      }),
  },
];
