import type { Claim } from "@kontor/idempotency";
import type { ReadEvent, SignedMessage } from "@kontor/webhooks";
import type { Operation } from "./domain/operation.ts";
import type { Change, NewPayment, Payment, PaymentStatus } from "./domain/payment.ts";
import type { ProviderPayment } from "./domain/provider-payment.ts";
import type { RestockedItem } from "./domain/refund-parts.ts";
import type { SoldItem } from "./domain/restock.ts";

/** The cause of a change; recorded in the same transaction. */
export type Cause = { readonly operation: string } | { readonly webhook: ProviderEvent };

/** The filters of staff for payments, joined by AND. */
export type PaymentFilter = {
  readonly status?: PaymentStatus | undefined;
  readonly createdFrom?: Date | undefined;
  readonly createdUntil?: Date | undefined;
  readonly userId?: string | undefined;
  readonly orderId?: string | undefined;
  readonly currency?: string | undefined;
  readonly oldestFirst: boolean;
};

export type PaymentPage = {
  /** The id of the last one before the page. */
  readonly after?: string;
  readonly limit: number;
};

export interface Payments {
  /** Inserts a pending payment and its open authorisation; undefined if the order has a payment. */
  open(payment: NewPayment, at: Date): Promise<Payment | undefined>;
  /** Stores a closed payment where there was none; returns the order's payment in any case. */
  closeUnopened(orderId: string, at: Date): Promise<Payment>;
  byOrder(orderId: string): Promise<Payment | undefined>;
  byId(id: string): Promise<Payment | undefined>;
  list(filter: PaymentFilter, page: PaymentPage): Promise<readonly Payment[]>;
  /**
   * Stores a change with its events, bookings and cause. If the payment has changed meanwhile, `change` is called again with the newer one.
   * A webhook that was received before changes nothing.
   */
  update(payment: Payment, change: (payment: Payment) => Change, cause?: Cause): Promise<Payment>;
  /** Records that the provider does not know the payment, or knows it again. */
  setForgotten(id: string, forgotten: boolean): Promise<void>;
  /** Payments whose webhook is overdue. Each is returned from time to time. */
  claimUndecided(limit: number): Promise<Payment[]>;
}

export interface OpenOperation extends Operation {
  readonly attempts: number;
}

export type RefundRequest = {
  readonly key: string;
  /** 0: all that is left. */
  readonly amount: bigint;
  /** Must be that of the payment. Absent: it is. */
  readonly currency?: string;
  readonly reason: string;
  /** The requester, such as `staff:<id>`. */
  readonly actor: string;
  readonly restock: readonly RestockedItem[];
};

export interface Operations {
  /** Opens an operation on this version of the payment; false if another is open or the payment has changed. */
  begin(operation: Operation, payment: Payment): Promise<boolean>;
  /**
   * Reserves the amount and the units to restock, and settles the claim of the caller's key, if there is one. Returns `repeated` if the
   * key's refund is in progress or done. Throws IDEMPOTENCY_KEY_REUSED if it is another refund, RESTOCK_TOO_HIGH for more units than are
   * left of `sold`.
   */
  beginRefund(
    payment: Payment,
    request: RefundRequest,
    keyed?: { readonly claim: Claim; readonly sold: readonly SoldItem[] },
  ): Promise<Operation | "repeated">;
  /** Returns the provider's refusal of an operation; undefined if the operation was not refused. */
  refusalOf(key: string): Promise<string | undefined>;
  ofPayment(paymentId: string): Promise<OpenOperation[]>;
  /** The provider did nothing and will not. */
  refuse(key: string, refusal: string): Promise<void>;
  /** Records an unknown outcome, which is queried later, with backoff. */
  postpone(key: string): Promise<void>;
  /** Returns open operations that no process works on. Each is returned to one caller. */
  claimDue(limit: number): Promise<OpenOperation[]>;
  /** Seconds since the oldest operation without an outcome was begun; 0 if there is none. */
  oldestOpen(): Promise<number>;
}

export interface Inventory {
  /** Returns the units that an order bought; none before its stock is sold. */
  soldItems(orderId: string): Promise<readonly SoldItem[]>;
}

/**
 * The card provider. Each key is one effect however often it is used. Fails with PAYMENT_OUTCOME_UNKNOWN, which proves
 * nothing, with PROVIDER_REFUSED, after which nothing has happened, or with PAYMENT_FORGOTTEN.
 */
export interface CardProvider {
  authorise(key: string, payment: NewPayment): Promise<ProviderPayment>;
  capture(key: string, id: string, amount: bigint): Promise<ProviderPayment>;
  void(key: string, id: string): Promise<ProviderPayment>;
  refund(key: string, id: string, amount: bigint): Promise<ProviderPayment>;
  /** Returns the operation of the key; undefined if there is none. */
  outcomeOf(key: string): Promise<ProviderPayment | undefined>;
  payment(id: string): Promise<ProviderPayment>;
}

/** A webhook event of the provider. `id` is the same for each repetition. */
export interface ProviderEvent {
  readonly provider: string;
  readonly id: string;
  readonly type: string;
  readonly payment: ProviderPayment;
}

/**
 * Verifies a webhook and returns what reads its events, several if its body is an array. Throws SIGNATURE_WRONG, or INVALID_REQUEST for what
 * is not JSON; an event of unknown form throws INVALID_REQUEST when it is read.
 */
export type ReadWebhook = (message: SignedMessage, at: Date) => readonly ReadEvent<ProviderEvent>[];

export interface Webhooks {
  /** Stores an event of an unknown payment. */
  keepUnmatched(event: ProviderEvent): Promise<void>;
}

export interface LedgerEntry {
  readonly transactionId: string;
  readonly kind: string;
  readonly account: string;
  readonly amount: bigint;
  readonly currency: string;
  readonly at: Date;
  /** The actor; empty for bookings of versions before actors. */
  readonly actor: string;
  readonly reason: string;
}

export interface Ledger {
  ofPayment(paymentId: string): Promise<LedgerEntry[]>;
}

export type Now = () => Date;
