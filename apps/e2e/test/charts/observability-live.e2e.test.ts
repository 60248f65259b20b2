import { serviceNames } from "@kontor/shop";
import { eventually } from "@kontor/testing";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type Shop, startShop } from "../shop.ts";
import { alerts, dashboards, queriesOf, ruleFiles } from "./observability-files.ts";
import { hasPrometheus, startPrometheus } from "./prometheus-server.ts";

/** Series of these begin with a failure, or with an action that this test does not perform. */
const silent = [
  "kontor_gateway_ejections_total",
  "kontor_gateway_retries_total",
  "kontor_gateway_fallbacks_total",
  "kontor_gateway_cache_invalidations_total",
  "kontor_gateway_idempotent_calls_total",
  "kontor_gateway_not_modified_total",
  "kontor_postgres_connection_errors_total",
  "kontor_postgres_transaction_conflicts_total",
  "kontor_saga_retries_total",
  'code=~"UNKNOWN|INTERNAL', // Calls that failed by fault of a service.
];

const apps = [...serviceNames, "gateway"] as const;
let shop: Shop;
let prometheus: Awaited<ReturnType<typeof startPrometheus>>;

describe.skipIf(!hasPrometheus)(
  "a Prometheus that watches the running shop (skipped where there is none in PATH)",
  () => {
    beforeAll(async () => {
      shop = await startShop({ "carrier-simulator": { STEP_MS: "200", PICKUP_MS: "200" } });
      const targets = apps.map((app) => ({ app, address: `127.0.0.1:${shop.ports[`${app}Metrics`]}` }));
      const often = [...ruleFiles].map(
        ([name, text]) => [name, text.replace(/interval: (30s|5m)/g, "interval: 1s")] as const,
      );
      prometheus = await startPrometheus(targets, new Map(often));
      await trade();
    }, 300_000);
    afterAll(async () => {
      await prometheus?.stop();
      await shop?.stopAll();
    }, 60_000);

    it("reaches every process, and evaluates every rule without an error", async () => {
      await eventually(async () =>
        expect((await prometheus.targets()).map(({ health }) => health)).toEqual(apps.map(() => "up")),
      );
      await eventually(async () => {
        const rules = await prometheus.rules();
        expect(rules.filter(({ health }) => health !== "ok")).toEqual([]);
        for (const { name } of alerts) expect(rules.map((rule) => rule.name)).toContain(name);
      });
    }, 60_000);

    it.each([...dashboards])(
      "has data for every query of %s",
      async (_, json) => {
        const spoken = queriesOf(json).filter((query) => !silent.some((part) => query.includes(part)));
        expect(spoken.length).toBeGreaterThan(10);
        for (const query of spoken)
          await eventually(async () => expect(await prometheus.series(query), query).toBeGreaterThan(0));
      },
      120_000,
    );

    it("finds no alert", async () => {
      const rules = await prometheus.rules();
      expect(rules.filter(({ state }) => state === "firing").map(({ name }) => name)).toEqual([]);
    });
  },
);

/** Orders that go well, are cancelled, declined and refused, while Prometheus watches. */
async function trade(): Promise<void> {
  const shopper = await shop.shopper();
  const product = await shop.product(100);
  for (let round = 0; round < 3; round++) {
    const [good, declined] = [
      await shopper.place(product),
      await shopper.place(product, { paymentMethod: "tok_declined" }),
    ];
    await shopper.place(product, { items: [{ productId: product, quantity: 1, price: 1 }] });
    await shopper.request("GET", `/api/v1/products/${product}`);
    await shopper.until(declined.body.id, "rejected");
    await shopper.until(good.body.id, "completed");
    const late = await shopper.place(product);
    await shopper.request("POST", `/api/v1/orders/${late.body.id}:cancel`, {});
  }
}
