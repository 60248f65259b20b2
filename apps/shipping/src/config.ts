import { list, text, url } from "@kontor/config";

/** What shipping can be told, besides what every service can. */
export const settings = {
  carrierUrl: url("CARRIER_URL", { doc: "Where the carrier answers." }),
  carrierApiKey: text("CARRIER_API_KEY", { secret: true, doc: "The key we call the carrier with." }),
  carrierWebhookSecrets: list("CARRIER_WEBHOOK_SECRET", {
    doc: "Secrets that the carrier may sign its messages with, separated by commas.",
  }),
};
