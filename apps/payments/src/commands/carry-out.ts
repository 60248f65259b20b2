import { isKontorError, type KontorError } from "@kontor/errors";
import { failpoint } from "@kontor/failpoint";
import { voidForgotten } from "../domain/close.ts";
import { decline } from "../domain/decline.ts";
import { paymentErrors } from "../domain/errors.ts";
import { observe } from "../domain/observe.ts";
import { FORGOTTEN, type Operation } from "../domain/operation.ts";
import type { Payment } from "../domain/payment.ts";
import type { ProviderPayment } from "../domain/provider-payment.ts";
import type { CardProvider, Now, OpenOperation, Operations, Payments } from "../ports.ts";

export interface Deps {
  readonly payments: Payments;
  readonly operations: Operations;
  readonly provider: CardProvider;
  readonly now: Now;
}

/** Runs stored operations at the provider. An unknown outcome is thrown and queried later. */
export interface CarryOut {
  /** Requests a new operation. */
  start(operation: Operation, payment: Payment): Promise<Payment>;
  /** Queries the outcome of an operation, and requests it again if it never happened. */
  finish(operation: OpenOperation, payment: Payment): Promise<Payment>;
  /** Finishes all that is open of a payment. */
  finishAll(payment: Payment): Promise<Payment>;
  /** Reads the provider's present state. */
  refresh(payment: Payment): Promise<Payment>;
}

/** After this many queries, some minutes, an abandoned authorisation counts as never executed. */
const QUESTIONS_ABOUT_CLOSED = 10;

export function createCarryOut({ payments, operations, provider, now }: Deps): CarryOut {
  async function settle(operation: Operation, payment: Payment, ask: () => Promise<ProviderPayment>): Promise<Payment> {
    let seen: ProviderPayment;
    try {
      seen = await ask();
    } catch (error) {
      if (isKontorError(error, "PROVIDER_REFUSED")) return refused(operation, payment, error);
      if (isKontorError(error, "PAYMENT_FORGOTTEN")) return forgotten(operation, payment, error);
      await operations.postpone(operation.key);
      throw error;
    }
    failpoint("payments.after-provider-ok", "payments");
    return payments.update(payment, (current) => observe(current, seen, now()), { operation: operation.key });
  }

  async function refused(operation: Operation, payment: Payment, error: KontorError): Promise<Payment> {
    const code = error.metadata.code ?? "refused";
    if (operation.kind === "authorise") {
      return payments.update(payment, (current) => decline(current, code, now()), { operation: operation.key });
    }
    await operations.refuse(operation.key, code);
    const after = await refresh(payment);
    if (after.version === payment.version) throw error;
    return after;
  }

  /** A payment that the provider does not know has no hold to release. An operator must decide all other cases. */
  async function forgotten(operation: Operation, payment: Payment, error: KontorError): Promise<Payment> {
    await payments.setForgotten(payment.id, true);
    await operations.refuse(operation.key, FORGOTTEN);
    if (operation.kind !== "void") throw error;
    return payments.update(payment, (current) => voidForgotten(current, now()));
  }

  async function refresh(payment: Payment): Promise<Payment> {
    const seen = await provider.payment(referenceOf(payment)).catch(async (error: unknown) => {
      if (isKontorError(error, "PAYMENT_FORGOTTEN")) await payments.setForgotten(payment.id, true);
      throw error;
    });
    if (payment.forgottenSince) await payments.setForgotten(payment.id, false);
    return payments.update(payment, (current) => observe(current, seen, now()));
  }

  function start(operation: Operation, payment: Payment): Promise<Payment> {
    return settle(operation, payment, () => ask(provider, operation, payment));
  }

  async function finish(operation: OpenOperation, payment: Payment): Promise<Payment> {
    if (operation.kind === "authorise" && payment.status === "voided") return watch(operation, payment);
    return settle(operation, payment, async () => {
      return (await provider.outcomeOf(operation.key)) ?? (await ask(provider, operation, payment));
    });
  }

  /** An authorisation that was in progress when its payment was closed may still arrive. */
  async function watch(operation: OpenOperation, payment: Payment): Promise<Payment> {
    const seen = await provider.outcomeOf(operation.key);
    if (seen) return payments.update(payment, (current) => observe(current, seen, now()), { operation: operation.key });
    if (operation.attempts < QUESTIONS_ABOUT_CLOSED) await operations.postpone(operation.key);
    else await operations.refuse(operation.key, "never_happened");
    return payment;
  }

  async function finishAll(payment: Payment): Promise<Payment> {
    let current = payment;
    for (const operation of await operations.ofPayment(payment.id)) current = await finish(operation, current);
    return (await payments.byId(payment.id)) ?? current;
  }

  return { start, finish, finishAll, refresh };
}

function ask(provider: CardProvider, operation: Operation, payment: Payment): Promise<ProviderPayment> {
  const { key, amount } = operation;
  switch (operation.kind) {
    case "authorise":
      return provider.authorise(key, payment);
    case "capture":
      return provider.capture(key, referenceOf(payment), amount);
    case "void":
      return provider.void(key, referenceOf(payment));
    case "refund":
      return provider.refund(key, referenceOf(payment), amount);
  }
}

function referenceOf({ providerReference }: Payment): string {
  if (providerReference) return providerReference;
  throw paymentErrors.PAYMENT_OUTCOME_UNKNOWN({ retryAfterMs: 1_000 });
}
