import { spawn } from "node:child_process";
import { createHmac, randomUUID } from "node:crypto";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { openDatabase } from "@kontor/postgres";
import { createClient } from "@kontor/rpc";
import { startService } from "@kontor/service";
import { ShippingService } from "@kontor/shop/contracts/shipping/v1/shipping_service";
import { createIssuer, createServiceIdentities, rowsOf, startNats, startPostgres } from "@kontor/testing";
import { shippingApp } from "../src/app.ts";

export const API_KEY = "sk_test";
export const SECRET = "whsec_dGVzdC1zZWNyZXQ=";
const identities = createServiceIdentities();

/** Shipping on real servers. The carrier moves nothing on its own; the test sends its messages. */
export async function startShop(settings: { carrierCheckAfter?: number; sweepIntervalMs?: number } = {}) {
  const postgres = await startPostgres();
  const database = await postgres.createDatabase("shipping", { owner: true });
  const nats = await startNats();
  const carrier = await startCarrier();
  const issuer = createIssuer();
  const service = await startService(
    { ...shippingApp, build: async (context) => ({ ...(await shippingApp.build(context)), keys: issuer.keys }) },
    {
      ...{
        databaseUrl: database.runUrl,
        databaseOwnerUrl: database.url,
        natsUrl: [nats.url],
        serviceKeys: identities.keysFile,
      },
      ...{ tokenIssuer: issuer.issuer, tokenAudience: issuer.audience },
      ...{ carrierUrl: carrier.url, carrierApiKey: API_KEY, carrierWebhookSecrets: [SECRET] },
      ...settings,
    },
  );
  const caller = { identity: identities.of("orders") };
  const shipping = createClient(ShippingService, { address: `127.0.0.1:${service.grpcPort}`, ...caller });
  const db = openDatabase({ url: database.url, service: "test", max: 2 });
  return {
    shipping,
    carrier,
    db,
    /** The samples of a metric of the service, by their labels. */
    async metric(name: string): Promise<Record<string, number>> {
      const text = await (await fetch(`http://127.0.0.1:${service.metricsPort}/metrics`)).text();
      const samples = text.matchAll(new RegExp(`^${name}(?:\\{(.*)\\})? (\\S+)$`, "gm"));
      return Object.fromEntries([...samples].map(([, labels = "", value]) => [labels, Number(value)]));
    },
    bearer: (subject: string, ...scopes: string[]) => ({
      metadata: { authorization: `Bearer ${issuer.tokenOf(subject, scopes)}` },
    }),
    /** Types of the events published about an order, in order. */
    async events(orderId: string): Promise<string[]> {
      const rows = await rowsOf<{ type: string }>(db, "SELECT type FROM outbox WHERE key = $1 ORDER BY seq", [orderId]);
      return rows.map(({ type }) => type.replace("shop.shipping.v1.Shipment", ""));
    },
    /** Delivers a signed message of the carrier. */
    tell(
      orderId: string,
      status: string,
      { id = randomUUID(), shipmentId = "", secret = SECRET, at = new Date().toISOString() } = {},
    ) {
      return this.send(this.event(orderId, status, { id, shipmentId, at }), { id, secret });
    },
    /** Returns an event of the carrier. */
    event(
      orderId: string,
      status: string,
      { id = randomUUID(), shipmentId = "", at = new Date().toISOString() } = {},
    ): object {
      const data = { shipmentId, reference: orderId, trackingNumber: "TRK", status, at, location: "Hub" };
      return { id, type: `shipment.${status}`, createdAt: at, data };
    },
    /** Delivers a signed body: an event, or an array of them. */
    send(content: object, { id = randomUUID(), secret = SECRET } = {}) {
      const body = Buffer.from(JSON.stringify(content));
      const timestamp = String(Math.floor(Date.now() / 1000));
      const key = Buffer.from(secret.slice(6), "base64");
      const digest = createHmac("sha256", key).update(`${id}.${timestamp}.`).update(body).digest("base64");
      const headers = { "webhook-id": id, "webhook-timestamp": timestamp, "webhook-signature": `v1,${digest}` };
      const payload = { contentType: "application/json", data: body };
      return shipping.receiveWebhook({ carrier: "carrier", payload }, { metadata: headers });
    },
    async stop() {
      shipping[Symbol.dispose]();
      await service.stop();
      await carrier.stop();
      await db.close();
      await nats.stop();
      await postgres.stop();
    },
  };
}

/** Starts a carrier that moves nothing on its own. */
export async function startCarrier() {
  const dataDir = await mkdtemp(join(tmpdir(), "kontor-carrier-"));
  const main = fileURLToPath(new URL("../../carrier-simulator/src/main.ts", import.meta.url));
  const child = spawn(process.execPath, [main], {
    stdio: ["pipe", "pipe", "inherit"],
    env: {
      ...process.env,
      ...{ PORT: "0", DATA_DIR: dataDir, API_KEY, STEP_MS: "3600000", HOLD_MS: "100", KONTOR_EXIT_WITH_PARENT: "1" },
    },
  });
  const [line] = await once(createInterface(child.stdout), "line");
  const url = `http://127.0.0.1:${JSON.parse(line).port}`;
  const headers = { authorization: `Bearer ${API_KEY}`, "content-type": "application/json" };
  const post = (path: string, body: object) =>
    fetch(url + path, { method: "POST", headers, body: JSON.stringify(body) });
  return {
    url,
    control: (knobs: object) => post("/v1/control", knobs),
    advance: (id: string) => post(`/v1/shipments/${id}/advance`, {}),
    /** The carrier's shipments of an order. */
    async shipments(orderId: string): Promise<{ id: string; status: string; at: string }[]> {
      const answer = await fetch(`${url}/v1/shipments?reference=${orderId}`, { headers });
      return ((await answer.json()) as { shipments: { id: string; status: string; at: string }[] }).shipments;
    },
    async stop() {
      child.kill("SIGTERM");
      if (child.exitCode === null) await once(child, "exit");
      await rm(dataDir, { recursive: true, force: true });
    },
  };
}

export function aParcel(overrides: { country?: string } = {}) {
  const address = {
    id: "A",
    recipient: "Ada",
    line1: "Weg 1",
    line2: "",
    city: "Berlin",
    postalCode: "10115",
    region: "",
  };
  return {
    orderId: randomUUID(),
    userId: "u-1",
    method: "standard",
    address: { ...address, country: overrides.country ?? "DE" },
    items: [{ sku: "P-101", quantity: 2 }],
    weightGrams: 600,
  };
}
