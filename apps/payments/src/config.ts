import { duration, list, text, url } from "@kontor/config";
import { DEFAULT_PAYMENT_METHODS, PAYMENT_METHODS_DOC } from "@kontor/contracts";

/** What payments can be told, besides what every service can. */
export const settings = {
  pspUrl: url("PSP_URL", { protocols: ["http", "https"], doc: "Address of the card provider." }),
  pspApiKey: text("PSP_API_KEY", { secret: true, doc: "Key of our account with the card provider." }),
  pspWebhookSecrets: list("PSP_WEBHOOK_SECRET", {
    secret: true,
    doc: "Secrets the card provider may sign webhooks with, separated by commas; several while they are rotated.",
  }),
  paymentMethods: list("PAYMENT_METHODS", { default: DEFAULT_PAYMENT_METHODS, doc: PAYMENT_METHODS_DOC }),
  sweepIntervalMs: duration("PAYMENTS_SWEEP_INTERVAL", {
    default: "1s",
    min: 10,
    doc: "How often payments whose outcome is not known are looked at.",
  }),
};
