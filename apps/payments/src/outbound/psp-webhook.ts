import { invalid, violation } from "@kontor/errors";
import { isSignedBy } from "@kontor/webhooks";
import { paymentErrors } from "../domain/errors.ts";
import type { ReadWebhook } from "../ports.ts";
import { asObject, readPspPayment, text } from "./psp-payment.ts";

/** The name of the provider in the address its webhooks are sent to. */
export const PSP = "psp";

/** Verifies and reads the webhooks of the card provider. Any of the secrets will do, so that they can be rotated. */
export function createPspWebhookReader(secrets: readonly string[]): ReadWebhook {
  return (message, at) => {
    if (!isSignedBy(secrets, message, at)) throw paymentErrors.SIGNATURE_WRONG();
    try {
      const { type, data } = asObject(JSON.parse(Buffer.from(message.body).toString("utf8")));
      const payment = readPspPayment(asObject(data).payment);
      return { provider: PSP, id: message.id, type: text(type, "type"), payment };
    } catch (cause) {
      const isJson = !(cause instanceof SyntaxError);
      const found = isJson
        ? violation("payload", "WRONG_TYPE", { expected: "payment" })
        : violation("payload", "NOT_JSON");
      throw invalid([found], "payments.shop", cause);
    }
  };
}
