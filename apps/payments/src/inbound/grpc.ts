import { timestampFromDate } from "@bufbuild/protobuf/wkt";
import { type Implementation, implement } from "@kontor/rpc";
import type { PaymentMethods } from "@kontor/shop";
import { PaymentsService } from "@kontor/shop/contracts/payments/v1/payments_service";
import { present } from "@kontor/text";
import { type SignedMessage, signedMessage } from "@kontor/webhooks";
import type { RefundTerms } from "../commands/refund-payment.ts";
import { listOf } from "../contract/list-request.ts";
import { paymentMessage } from "../contract/payment-message.ts";
import { actorOf, checkPaymentMethod, checkRefund, newPaymentOf, paymentIdOf, refundOf } from "../contract/requests.ts";
import type { NewPayment, Payment } from "../domain/payment.ts";
import type { LedgerEntry, RefundRequest } from "../ports.ts";
import type { listPayments } from "../queries/list-payments.ts";

interface Deps {
  readonly methods: PaymentMethods;
  readonly authorisePayment: (payment: NewPayment, validate: () => void) => Promise<Payment>;
  readonly capturePayment: (orderId: string) => Promise<Payment>;
  readonly voidPayment: (orderId: string) => Promise<Payment>;
  readonly refundPayment: (paymentId: string, request: RefundRequest, terms: RefundTerms) => Promise<Payment>;
  readonly refundOrder: (orderId: string, reason: string, actor: string) => Promise<Payment>;
  readonly receiveWebhook: (provider: string, message: SignedMessage) => Promise<void>;
  readonly getPayment: (paymentId: string) => Promise<Payment>;
  readonly getPaymentByOrder: (orderId: string, reader: Reader | undefined) => Promise<Payment>;
  readonly listPayments: ReturnType<typeof listPayments>;
  readonly listLedgerEntries: (paymentId: string) => Promise<LedgerEntry[]>;
}

type Reader = { readonly subject: string; readonly scopes: ReadonlySet<string> };

/** PaymentsService over gRPC. */
export function paymentsService(app: Deps): Implementation {
  return implement(PaymentsService, {
    getPayment: async (request) => answer(await app.getPayment(paymentIdOf(request))),
    getPaymentByOrder: async (request, { principal }) =>
      answer(await app.getPaymentByOrder(request.orderId, principal)),
    refundPayment: async (request, call) => {
      const refund = refundOf(request, call.principal?.subject ?? "");
      const terms = {
        call,
        validate() {
          call.validate();
          checkRefund(request);
        },
      };
      return answer(await app.refundPayment(paymentIdOf(request), refund, terms));
    },
    async listPayments(request) {
      const { items, ...next } = await app.listPayments(listOf(request));
      return { payments: items.map(paymentMessage), ...next };
    },
    async listLedgerEntries(request) {
      const entries = await app.listLedgerEntries(paymentIdOf(request));
      return { entries: entries.map(entryMessage) };
    },
    async receiveWebhook({ provider, payload }, { metadata }) {
      await app.receiveWebhook(provider, signedMessage(metadata, payload?.data));
      return {};
    },
    async authorisePayment(request, call) {
      const payment = newPaymentOf(request);
      return answer(
        await app.authorisePayment(payment, () => {
          call.validate();
          checkPaymentMethod(payment, app.methods);
        }),
      );
    },
    capturePayment: async (request) => answer(await app.capturePayment(request.orderId)),
    voidPayment: async (request) => answer(await app.voidPayment(request.orderId)),
    refundOrder: async (request) => answer(await app.refundOrder(request.orderId, request.reason, actorOf(request))),
  });
}

/** Pods of the version before read `amountMinor` and `currency`. */
function entryMessage({ at, amount, currency, actor, reason, ...entry }: LedgerEntry) {
  const amounts = { amount: { currency, minor: amount }, amountMinor: amount, currency };
  return { ...entry, ...present({ actor, reason }), ...amounts, at: timestampFromDate(at) };
}

function answer(payment: Payment) {
  return { payment: paymentMessage(payment) };
}
