import { randomUUID } from "node:crypto";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { type Database, openDatabase } from "@kontor/postgres";
import { createClient, type RpcClient } from "@kontor/rpc";
import { type ClientFactory, startService } from "@kontor/service";
import { ReservationStatus } from "@kontor/shop/contracts/inventory/v1/stock";
import { PaymentsService } from "@kontor/shop/contracts/payments/v1/payments_service";
import { createIssuer, createServiceIdentities, type Issuer, rowsOf, startNats, startPostgres } from "@kontor/testing";
import { paymentsApp } from "../src/app.ts";
import { API_KEY, type PspSimulator, startSimulator, WEBHOOK_SECRET } from "./simulator.ts";

export const identities = createServiceIdentities();

/** Payments on real servers: PostgreSQL, NATS, the provider's simulator, and the gateway's handling of its webhooks. */
export interface Shop {
  readonly payments: RpcClient<typeof PaymentsService>;
  readonly db: Database;
  readonly psp: PspSimulator;
  readonly issuer: Issuer;
  readonly grpcPort: number;
  /** Types of the events that were published about an order, in order. */
  events(orderId: string): Promise<string[]>;
  /** The samples of a metric of the service, by their labels. */
  metric(name: string): Promise<Record<string, number>>;
  /** The units that inventory sold to each order, by SKU. */
  readonly sold: Map<string, Readonly<Record<string, number>>>;
  /** While off, the provider's webhooks get 503. */
  hearWebhooks(on: boolean): void;
  stop(): Promise<void>;
}

export async function startShop(options: { sweepIntervalMs?: number } = {}): Promise<Shop> {
  const postgres = await startPostgres();
  const database = await postgres.createDatabase("payments", { owner: true });
  const nats = await startNats();
  const issuer = createIssuer();
  const door = await openDoor();
  const psp = await startSimulator(`${door.url}/psp`);
  const sold: Shop["sold"] = new Map();
  const service = await startService(
    {
      ...paymentsApp,
      async build(context) {
        const parts = await paymentsApp.build({ ...context, client: inventoryOf(sold) });
        return { ...parts, keys: issuer.keys };
      },
    },
    {
      databaseUrl: database.runUrl,
      databaseOwnerUrl: database.url,
      natsUrl: [nats.url],
      serviceKeys: identities.keysFile,
      tokenIssuer: issuer.issuer,
      tokenAudience: issuer.audience,
      pspUrl: psp.url,
      pspApiKey: API_KEY,
      pspWebhookSecrets: ["whsec_b2xk", WEBHOOK_SECRET],
      sweepIntervalMs: options.sweepIntervalMs ?? 50,
    },
  );
  const payments = connect(service.grpcPort);
  door.forwardTo(payments);
  const db = openDatabase({ url: database.url, service: "test", max: 2 });
  return {
    payments,
    db,
    psp,
    issuer,
    grpcPort: service.grpcPort,
    sold,
    async events(orderId) {
      const rows = await rowsOf<{ type: string }>(db, "SELECT type FROM outbox WHERE key = $1 ORDER BY seq", [orderId]);
      return rows.map(({ type }) => type.replace("shop.payments.v1.Payment", ""));
    },
    async metric(name) {
      const text = await (await fetch(`http://127.0.0.1:${service.metricsPort}/metrics`)).text();
      const samples = text.matchAll(new RegExp(`^${name}(?:\\{(.*)\\})? (\\S+)$`, "gm"));
      return Object.fromEntries([...samples].map(([, labels = "", value]) => [labels, Number(value)]));
    },
    hearWebhooks: door.open,
    async stop() {
      await psp.stop();
      await door.close();
      payments[Symbol.dispose]();
      await service.stop();
      await db.close();
      await nats.stop();
      await postgres.stop();
    },
  };
}

/** Replaces inventory through the client that payments calls it by. */
function inventoryOf(sold: Shop["sold"]): ClientFactory {
  const inventory = {
    async getReservation({ orderId }: { orderId: string }) {
      const items = Object.entries(sold.get(orderId) ?? {}).map(([sku, quantity]) => ({ sku, quantity }));
      return { reservation: { orderId, items, status: ReservationStatus.COMMITTED } };
    },
  };
  return () => inventory as never;
}

/** Calls in the name of orders. */
export function connect(port: number): RpcClient<typeof PaymentsService> {
  return createClient(PaymentsService, {
    address: `127.0.0.1:${port}`,
    identity: identities.of("orders"),
    timeoutMs: 10_000,
  });
}

export function anOrder(overrides: { paymentMethod?: string; minor?: bigint; currency?: string } = {}) {
  const { paymentMethod = "card", minor = 1200n, currency = "EUR" } = overrides;
  return { orderId: randomUUID(), userId: "U-1", amount: { currency, minor }, paymentMethod };
}

/** The part of the gateway that webhooks pass: HTTP in, gRPC out, the body byte for byte. */
async function openDoor() {
  let payments: RpcClient<typeof PaymentsService> | undefined;
  let open = true;
  const server = createServer(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk);
    const metadata = Object.fromEntries(
      Object.entries(request.headers).flatMap(([name, value]) =>
        name.startsWith("webhook-") && typeof value === "string" ? [[name, value]] : [],
      ),
    );
    const provider = request.url?.slice(1) ?? "";
    const payload = { contentType: "application/json", data: Buffer.concat(chunks) };
    const status = await (open && payments
      ? payments.receiveWebhook({ provider, payload }, { metadata }).then(
          () => 200,
          () => 500,
        )
      : 503);
    response.writeHead(status).end();
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    forwardTo(client: RpcClient<typeof PaymentsService>) {
      payments = client;
    },
    open(on: boolean) {
      open = on;
    },
    close: () => new Promise((resolve) => void server.close(resolve).closeAllConnections()),
  };
}
