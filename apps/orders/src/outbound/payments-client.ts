import { type Payment, PaymentStatus } from "@kontor/contracts/payments/v1/payment";
import type { PaymentsService } from "@kontor/contracts/payments/v1/payments_service";
import type { RpcClient } from "@kontor/rpc";
import type { Authorisation, Payments } from "../ports.ts";

/** Payments over gRPC. */
export function paymentsClient(payments: RpcClient<typeof PaymentsService>): Payments {
  return {
    authorise: async (request) => authorisationOf((await payments.authorisePayment(request)).payment),
    capture: async (orderId) => {
      await payments.capturePayment({ orderId });
    },
    void: async (orderId) => {
      await payments.voidPayment({ orderId });
    },
    refund: async (orderId, reason) => {
      await payments.refundOrder({ orderId, reason });
    },
  };
}

function authorisationOf(payment: Payment | undefined): Authorisation {
  switch (payment?.status) {
    case PaymentStatus.AUTHORISED:
    case PaymentStatus.CAPTURED:
      return { status: "authorised", paymentId: payment.id };
    case PaymentStatus.DECLINED:
      return { status: "declined", code: payment.declineCode };
    case PaymentStatus.REQUIRES_ACTION:
      return { status: "action-required" };
    default:
      throw new Error(`Payments answered an authorisation with status ${payment?.status}.`);
  }
}
