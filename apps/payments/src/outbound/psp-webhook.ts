import { type FieldViolation, invalid, violation } from "@kontor/errors";
import { eventsOf, isSignedBy, type WebhookEvent } from "@kontor/webhooks";
import { paymentErrors } from "../domain/errors.ts";
import type { ProviderEvent, ReadWebhook } from "../ports.ts";
import { asObject, readPspPayment, text } from "./psp-payment.ts";

/** The name of the provider in the address its webhooks are sent to. */
export const PSP = "psp";

/** Verifies and reads the webhooks of the card provider. Any of the secrets will do, so that they can be rotated. */
export function createPspWebhookReader(secrets: readonly string[]): ReadWebhook {
  return (message, at) => {
    if (!isSignedBy(secrets, message, at)) throw paymentErrors.SIGNATURE_WRONG();
    try {
      return eventsOf(message).map((event) => () => readEvent(event));
    } catch (cause) {
      throw cause instanceof SyntaxError ? unreadable(violation("payload", "NOT_JSON"), cause) : cause;
    }
  };
}

function readEvent({ id, content, field }: WebhookEvent): ProviderEvent {
  try {
    const { type, data } = asObject(content);
    const payment = readPspPayment(asObject(data).payment);
    return { provider: PSP, id: text(id, "id"), type: text(type, "type"), payment };
  } catch (cause) {
    throw unreadable(violation(field, "WRONG_TYPE", { expected: "payment" }), cause);
  }
}

function unreadable(found: FieldViolation, cause: unknown) {
  return invalid([found], "payments.shop", cause);
}
