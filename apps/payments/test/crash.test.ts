import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import { openDatabase } from "@kontor/postgres";
import { PaymentStatus } from "@kontor/shop/contracts/payments/v1/payment";
import {
  eventually,
  freePort,
  type Nats,
  type Postgres,
  startNats,
  startPostgres,
  type TestDatabase,
} from "@kontor/testing";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { anOrder, connect, identities } from "./shop.ts";
import { API_KEY, type PspSimulator, startSimulator, WEBHOOK_SECRET } from "./simulator.ts";

const AFTER_PROVIDER_OK = "payments.after-provider-ok";

describe("payments killed between the provider's yes and our commit", () => {
  let postgres: Postgres;
  let nats: Nats;
  let psp: PspSimulator;
  const children: ChildProcess[] = [];
  beforeAll(async () => {
    postgres = await startPostgres();
    nats = await startNats();
    psp = await startSimulator("http://127.0.0.1:9/nobody-listens");
  });
  afterAll(async () => {
    for (const child of children) child.kill("SIGKILL");
    await psp.stop();
    await nats.stop();
    await postgres.stop();
  });

  async function startPayments({ url, runUrl }: TestDatabase, failpoint = "") {
    const [grpcPort, metricsPort] = [await freePort(), await freePort()];
    const main = fileURLToPath(new URL("../src/main.ts", import.meta.url));
    const child = spawn(process.execPath, [main], {
      stdio: ["pipe", "ignore", "inherit"],
      env: {
        ...process.env,
        ...{ GRPC_PORT: String(grpcPort), METRICS_PORT: String(metricsPort), KONTOR_EXIT_WITH_PARENT: "1" },
        ...{ DATABASE_URL: runUrl, DATABASE_OWNER_URL: url, NATS_URL: nats.url, SERVICE_KEYS: identities.keysFile },
        ...{ PSP_URL: psp.url, PSP_API_KEY: API_KEY, PSP_WEBHOOK_SECRET: WEBHOOK_SECRET },
        ...{ KONTOR_FAILPOINT: failpoint, PAYMENTS_SWEEP_INTERVAL: "100ms" },
      },
    });
    children.push(child);
    await eventually(async () => expect((await fetch(`http://127.0.0.1:${metricsPort}/readyz`)).status).toBe(200));
    return { child, payments: connect(grpcPort) };
  }

  /** Runs until the crash, then starts again. */
  async function crashDuring(point: string | number, work: (payments: ReturnType<typeof connect>) => Promise<unknown>) {
    const database = await postgres.createDatabase("payments", { owner: true });
    const first = await startPayments(database, typeof point === "number" ? `${AFTER_PROVIDER_OK}:${point}` : point);
    const dead = once(first.child, "exit");
    await expect(work(first.payments)).rejects.toThrow();
    expect((await dead)[1]).toBe("SIGKILL");
    first.payments[Symbol.dispose]();
    const db = openDatabase({ url: database.url, service: "test", max: 1 });
    const { child, payments } = await startPayments(database);
    const stop = async () => {
      await db.close();
      payments[Symbol.dispose]();
      child.kill("SIGTERM");
      await once(child, "exit");
    };
    return { payments, db, stop };
  }

  it("charge once when repeated", async () => {
    const order = anOrder();
    const { payments, stop } = await crashDuring(1, (first) => first.authorisePayment(order));
    expect((await payments.authorisePayment(order)).payment).toMatchObject({ status: PaymentStatus.AUTHORISED });
    expect((await payments.capturePayment(order)).payment).toMatchObject({
      captured: { currency: "EUR", minor: 1200n },
    });
    expect(await psp.history(order.orderId)).toEqual(["payment.authorised", "payment.captured"]);
    await stop();
  });

  it("capture once and book once when repeated", async () => {
    const order = anOrder();
    const { payments, db, stop } = await crashDuring(2, async (first) => {
      await first.authorisePayment(order);
      await first.capturePayment(order);
    });
    expect((await payments.capturePayment(order)).payment).toMatchObject({
      captured: { currency: "EUR", minor: 1200n },
    });
    expect(await psp.history(order.orderId)).toEqual(["payment.authorised", "payment.captured"]);
    expect(await db.query("SELECT count(*)::int AS booked FROM ledger_transactions")).toEqual([{ booked: 1 }]);
    await stop();
  });

  it.each(["payments.opened:1", "payments.saved:1", "payments.saved:2", "payments.begun:1", "payments.saved:3"])(
    "charge and book 32 orders once each after a crash between their flights at %s",
    async (point) => {
      const orders = Array.from({ length: 32 }, () => anOrder());
      const pay = (client: ReturnType<typeof connect>) =>
        Promise.all(
          orders.map(async (order) => {
            await client.authorisePayment(order);
            return client.capturePayment(order);
          }),
        );
      const { payments, db, stop } = await crashDuring(point, pay);
      await db.query("UPDATE operations SET next_attempt_at = now()");
      await eventually(() => pay(payments), { timeoutMs: 20_000 });
      for (const { orderId } of orders)
        expect(await psp.history(orderId)).toEqual(["payment.authorised", "payment.captured"]);
      expect(await db.query("SELECT count(*)::int AS booked FROM ledger_transactions")).toEqual([{ booked: 32 }]);
      const published = await db.query(
        "SELECT count(*)::int AS n, count(DISTINCT (key, type))::int AS once FROM outbox",
      );
      expect(published).toEqual([{ n: 64, once: 64 }]);
      await stop();
    },
    60_000,
  );

  it("query the outcome without another request", async () => {
    const order = anOrder();
    const { db, stop } = await crashDuring(1, (first) => first.authorisePayment(order));
    await db.query("UPDATE operations SET next_attempt_at = now()");
    await eventually(async () =>
      expect(await db.query("SELECT status FROM payments")).toEqual([{ status: "authorised" }]),
    );
    expect(await psp.history(order.orderId)).toEqual(["payment.authorised"]);
    await stop();
  });

  it("release the hold when the order is voided instead", async () => {
    const order = anOrder();
    const { payments, stop } = await crashDuring(1, (first) => first.authorisePayment(order));
    expect((await payments.voidPayment(order)).payment).toMatchObject({ status: PaymentStatus.VOIDED });
    expect(await psp.history(order.orderId)).toEqual(["payment.authorised", "payment.voided"]);
    await stop();
  });
});
