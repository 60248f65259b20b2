import { isKontorError } from "@kontor/errors";
import { type Database, openDatabase } from "@kontor/postgres";
import { createClient, type RpcClient } from "@kontor/rpc";
import { startService } from "@kontor/service";
import { PricingService } from "@kontor/shop/contracts/pricing/v1/pricing_service";
import { createLogger } from "@kontor/telemetry";
import { createIssuer, createServiceIdentities, rowsOf, startNats, startPostgres } from "@kontor/testing";
import { pricingApp } from "../src/app.ts";

const identities = createServiceIdentities(["orders", "shipping"]);

/** Pricing on real parts, and who calls it. */
export interface Shop {
  /** Calls in the name of orders. */
  readonly orders: RpcClient<typeof PricingService>;
  /** Another replica that shares the database. */
  readonly replica: RpcClient<typeof PricingService>;
  readonly db: Database;
  /** Metadata of a member of staff. */
  readonly staff: { metadata: { authorization: string } };
  /** Metadata of a user who holds these scopes. */
  user(...scopes: string[]): { metadata: { authorization: string } };
  /** Events published under a key, in order. */
  events(key: string): Promise<{ type: string; payload: Buffer }[]>;
  /** How many orders use a subject. */
  usesOf(subject: string, customer?: string): Promise<number>;
  stop(): Promise<void>;
}

export async function startShop(): Promise<Shop> {
  const postgres = await startPostgres();
  const database = await postgres.createDatabase("pricing", { owner: true });
  const nats = await startNats();
  const issuer = createIssuer();
  const start = () =>
    startService(
      { ...pricingApp, build: async (context) => ({ ...(await pricingApp.build(context)), keys: issuer.keys }) },
      {
        databaseUrl: database.runUrl,
        databaseOwnerUrl: database.url,
        natsUrl: [nats.url],
        serviceKeys: identities.keysFile,
        tokenIssuer: issuer.issuer,
        tokenAudience: issuer.audience,
        rulesRefreshMs: 50,
      },
      createLogger({ service: "test", level: "error" }),
    );
  const services = [await start(), await start()];
  const [orders, replica] = services.map(({ grpcPort }) =>
    createClient(PricingService, { address: `127.0.0.1:${grpcPort}`, identity: identities.of("orders") }),
  );
  if (orders === undefined || replica === undefined) throw new Error("Two replicas have two clients.");
  const db = openDatabase({ url: database.url, service: "test", max: 2 });
  const user = (...scopes: string[]) => ({ metadata: { authorization: `Bearer ${issuer.tokenOf("U-1", scopes)}` } });
  return {
    orders,
    replica,
    db,
    user,
    staff: user("pricing.write"),
    events: (key) => rowsOf(db, "SELECT type, payload FROM outbox WHERE key = $1 ORDER BY seq", [key]),
    async usesOf(subject, customer = "") {
      const sql = "SELECT uses FROM use_counts WHERE subject = $1 AND customer = $2";
      const [row] = await rowsOf<{ uses: bigint | string }>(db, sql, [subject, customer]);
      return Number(row?.uses ?? 0);
    },
    async stop() {
      for (const client of [orders, replica]) client[Symbol.dispose]();
      for (const service of services) await service.stop();
      await db.close();
      await nats.stop();
      await postgres.stop();
    },
  };
}

/** Why a call was refused, "none" if it was not. */
export function reasonOf(call: Promise<unknown>): Promise<unknown> {
  return call.then(
    () => "none",
    (error: unknown) => (isKontorError(error) ? error.reason : error),
  );
}

/** An amount in EUR. */
export function eur(minor: bigint | number) {
  return { currency: "EUR", minor: BigInt(minor) };
}

/** A line of goods, by default one unit at 10.00 EUR. */
export function aLine(overrides: Partial<ReturnType<typeof defaultLine>> = {}) {
  return { ...defaultLine(), ...overrides };
}

function defaultLine() {
  const categoryIds: string[] = [];
  return { id: "1", productId: "P-1", sku: "S-1", categoryIds, quantity: 1, unitPrice: eur(1_000) };
}
