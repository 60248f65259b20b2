import { isKontorError } from "@kontor/errors";
import type { RpcClient } from "@kontor/rpc";
import { type Payment, PaymentStatus } from "@kontor/shop/contracts/payments/v1/payment";
import type { PaymentsService } from "@kontor/shop/contracts/payments/v1/payments_service";
import type { Authorisation, Payments } from "../callees.ts";

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
    refund: async (orderId, reason, actor = "") => {
      try {
        const { payment } = await payments.refundOrder({ orderId, reason, actor });
        return keepsNothing(payment) ? "refunded" : "partly";
      } catch (error) {
        // Another refund, or the capture, of the same payment was decided while this one was begun.
        if (isKontorError(error, "REFUND_TOO_HIGH") || isKontorError(error, "PAYMENT_CAPTURED")) return "partly";
        throw error;
      }
    },
  };
}

/** A payment of which a part was refunded is still captured. */
function keepsNothing(payment: Payment | undefined): boolean {
  switch (payment?.status) {
    case PaymentStatus.REFUNDED:
    case PaymentStatus.VOIDED:
    case PaymentStatus.DECLINED:
      return true;
    default:
      return false;
  }
}

function authorisationOf(payment: Payment | undefined): Authorisation {
  switch (payment?.status) {
    case PaymentStatus.AUTHORISED:
    case PaymentStatus.CAPTURED:
      return { status: "authorised", paymentId: payment.id };
    case PaymentStatus.DECLINED:
      return { status: "declined", code: payment.declineCode ?? "" };
    case PaymentStatus.REQUIRES_ACTION:
      return { status: "action-required" };
    default:
      throw new Error(`Payments returned an authorisation with status ${payment?.status}.`);
  }
}
