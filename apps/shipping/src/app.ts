import { defineService, repeat } from "@kontor/service";
import { shop } from "@kontor/shop";
import { cancelShipment } from "./commands/cancel-shipment.ts";
import { checkShipments } from "./commands/check-shipments.ts";
import { dispatchShipment } from "./commands/dispatch-shipment.ts";
import { receiveWebhook } from "./commands/receive-webhook.ts";
import { settings } from "./config.ts";
import type { Shipment } from "./domain/shipment.ts";
import { shippingService } from "./inbound/grpc.ts";
import { createCarrier } from "./outbound/carrier-http.ts";
import { trackingRetention } from "./outbound/retention.ts";
import { createShipmentChecks } from "./outbound/shipment-checks.ts";
import { exposeShipments } from "./outbound/shipment-metrics.ts";
import { createShipmentStore } from "./outbound/shipment-store.ts";
import { findShipment } from "./queries/find-shipment.ts";
import { listShipments } from "./queries/list-shipments.ts";

/** The name of the carrier in the address its messages are sent to. */
const CARRIER = "carrier";

/** The shipping service. */
export const shippingApp = defineService({
  system: shop,
  name: "shipping",
  settings,
  migrations: new URL("../prisma/migrations/", import.meta.url),
  build({ config, db, log, now }) {
    const { carrierUrl: url, carrierApiKey: apiKey, carrierWebhookSecrets: secrets } = config;
    const carrier = createCarrier({ url, apiKey, secrets });
    const shipments = createShipmentStore(db, { checkAfterMs: config.carrierCheckAfter });
    const checks = createShipmentChecks(db, { checkAfterMs: config.carrierCheckAfter });
    const onFinding = ({ orderId, carrierId }: Shipment, found: "unanswered" | "forgotten", err?: unknown) =>
      log[found === "forgotten" ? "error" : "info"]({ orderId, carrierId, err }, `shipment ${found} by the carrier`);
    exposeShipments(db);
    return {
      services: [
        shippingService({
          dispatchShipment: dispatchShipment({ shipments, carrier }),
          cancelShipment: cancelShipment({ shipments, carrier }),
          receiveWebhook: receiveWebhook({
            shipments,
            carriers: new Map([[CARRIER, carrier]]),
            now,
            onUnmatched: ({ orderId, status }) =>
              log.warn({ orderId, status }, "webhook of an unknown shipment received"),
          }),
          listShipments: listShipments({ shipments }),
          findShipment: findShipment({ shipments }),
        }),
      ],
      background: [
        { start: () => undefined, stop: () => carrier.close() },
        repeat(config.sweepIntervalMs, checkShipments({ shipments, checks, carrier, onFinding }), (err) =>
          log.warn({ err }, "due shipments not read"),
        ),
      ],
      retention: trackingRetention(config.trackingRetention),
    };
  },
});
