import { duration, list, text, url } from "@kontor/config";
import { idempotencySettings } from "@kontor/idempotency";
import { DEFAULT_PAYMENT_METHODS, PAYMENT_METHODS_DOC } from "@kontor/shop";

/** The settings of payments, in addition to those of every service. */
export const settings = {
  inventoryAddress: text("INVENTORY_ADDRESS", { default: "127.0.0.1:5053", doc: "gRPC address of inventory." }),
  pspUrl: url("PSP_URL", { protocols: ["http", "https"], path: true, doc: "Address of the card provider." }),
  pspApiKey: text("PSP_API_KEY", { secret: true, doc: "Key of our account with the card provider." }),
  pspWebhookSecrets: list("PSP_WEBHOOK_SECRET", {
    secret: true,
    doc: "Secrets the card provider may sign webhooks with, separated by commas; several while they are rotated.",
  }),
  paymentMethods: list("PAYMENT_METHODS", { default: DEFAULT_PAYMENT_METHODS, doc: PAYMENT_METHODS_DOC }),
  operationRetention: duration("OPERATION_RETENTION", {
    default: "365d",
    doc: "How long settled authorisations, captures and voids are kept; refunds are kept forever. 0s keeps all.",
  }),
  webhookRetention: duration("WEBHOOK_RETENTION", {
    default: "90d",
    doc: "How long the webhooks of the provider are kept; longer than it repeats them. 0s keeps them.",
  }),
  ...idempotencySettings,
  sweepIntervalMs: duration("PAYMENTS_SWEEP_INTERVAL", {
    default: "1s",
    min: 10,
    doc: "How often payments whose outcome is not known are queried; five times less often while there are none.",
  }),
};
