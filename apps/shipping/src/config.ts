import { duration, list, text, url } from "@kontor/config";

/** The settings of shipping, in addition to those of every service. */
export const settings = {
  carrierUrl: url("CARRIER_URL", { protocols: ["http", "https"], path: true, doc: "The address of the carrier." }),
  carrierApiKey: text("CARRIER_API_KEY", { secret: true, doc: "The key we call the carrier with." }),
  carrierWebhookSecrets: list("CARRIER_WEBHOOK_SECRET", {
    doc: "Secrets that the carrier may sign its messages with, separated by commas.",
  }),
  carrierCheckAfter: duration("CARRIER_CHECK_AFTER", {
    default: "1m",
    min: 100,
    doc: "How long after its last news an open shipment is queried at the carrier; doubled from query to query up to 1 h.",
  }),
  sweepIntervalMs: duration("SHIPPING_SWEEP_INTERVAL", {
    default: "5s",
    min: 10,
    doc: "How often shipments that are due for a query are looked for.",
  }),
  trackingRetention: duration("TRACKING_RETENTION", {
    default: "365d",
    doc: "How long messages of the carrier are kept. 0s keeps them.",
  }),
};
