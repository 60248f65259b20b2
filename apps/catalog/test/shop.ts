import type { MessageInitShape } from "@bufbuild/protobuf";
import { type Database, openDatabase } from "@kontor/postgres";
import { createClient, type RpcClient } from "@kontor/rpc";
import { startService } from "@kontor/service";
import { CatalogService } from "@kontor/shop/contracts/catalog/v1/catalog_service";
import type { ProductSchema } from "@kontor/shop/contracts/catalog/v1/product";
import { createServiceIdentities, startNats, startPostgres } from "@kontor/testing";
import { catalogApp } from "../src/app.ts";
import { publisher } from "./publisher.ts";
import { issuer } from "./tokens.ts";

const identities = createServiceIdentities();

/** The catalog on real PostgreSQL and NATS, and its callers. */
export interface Shop {
  /** Any shopper, or orders where the contract requires it. */
  readonly catalog: RpcClient<typeof CatalogService>;
  readonly staff: { readonly metadata: Record<string, string> };
  readonly customer: { readonly metadata: Record<string, string> };
  readonly db: Database;
  /** Publishes the events of inventory. */
  publishStock(sku: string, available: number, version: number): Promise<void>;
  /** Creates and publishes. */
  sell(product?: MessageInitShape<typeof ProductSchema>): Promise<string>;
  stop(): Promise<void>;
}

export async function startShop({ currencies = ["EUR"] }: { currencies?: readonly string[] } = {}): Promise<Shop> {
  const postgres = await startPostgres();
  const database = await postgres.createDatabase("catalog", { owner: true });
  const nats = await startNats();
  const { keys, tokenIssuer, tokenAudience } = issuer;
  const service = await startService(
    { ...catalogApp, build: async (context) => ({ ...(await catalogApp.build(context)), keys }) },
    {
      databaseUrl: database.runUrl,
      databaseOwnerUrl: database.url,
      natsUrl: [nats.url],
      serviceKeys: identities.keysFile,
      tokenIssuer,
      tokenAudience,
      currencies,
    },
  );
  const catalog = createClient(CatalogService, {
    address: `127.0.0.1:${service.grpcPort}`,
    identity: identities.of("orders"),
    timeoutMs: 10_000,
  });
  const db = openDatabase({ url: database.url, service: "test", max: 2 });
  const inventory = await publisher(nats.url);
  const as = (subject: string, scope: string) => {
    return { metadata: { authorization: `Bearer ${issuer.tokenOf(subject, scope)}` } };
  };
  const staff = as("U-staff", "catalog.write");
  await catalog.createCategory({ category: { id: "kitchen", name: "Kitchen" } }, staff);
  await catalog.createCategory({ category: { id: "mugs", name: "Mugs", parentId: "kitchen" } }, staff);
  await catalog.createCategory({ category: { id: "books", name: "Books" } }, staff);
  return {
    ...{ catalog, staff, db },
    customer: as("U-customer", "orders.write"),
    publishStock: inventory.publishStock,
    async sell(product = {}) {
      const made = await catalog.createProduct({ product: { ...aProduct(), ...product } }, staff);
      const productId = made.product?.id ?? "";
      await catalog.publishProduct({ productId }, staff);
      return productId;
    },
    async stop() {
      catalog[Symbol.dispose]();
      await inventory.close();
      await service.stop();
      await db.close();
      await nats.stop();
      await postgres.stop();
    },
  };
}

let made = 0;

/** A product of this test only. */
export function aProduct({ id = `T-${++made}`, minor = 1200n, title = "Enamel mug" } = {}) {
  const variants = [{ sku: id, price: { currency: "EUR", minor }, weightGrams: 280 }];
  return { id, title, description: "Steel with a glaze.", categoryId: "mugs", variants };
}
