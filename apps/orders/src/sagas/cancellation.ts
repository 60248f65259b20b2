import { defineSaga, fail, next, type SagaDefinition, type SagaFailure, wait } from "@kontor/saga";
import type { Inventory, Payments, Pricing, Shipping } from "../callees.ts";
import type { CancelReason } from "../domain/cancel.ts";
import type { Order, OrderEvent } from "../domain/order.ts";
import type { Checkouts, Orders } from "../ports.ts";

export const CANCELLATION = "orders.cancellation.v1";

const RELEASE_USES = "release-uses";

/** Time between two requests to refund the rest, while a refund by staff is in progress. */
const REFUND_POLL_MS = 2_000;

/** Cancellations begun by versions before `reason` existed were requested by customers. */
export type CancellationState = {
  readonly orderId: string;
  readonly reason?: CancelReason;
  /** The requester, from {@link actorOf}; absent if a version before actors began it. */
  readonly actor?: string;
};

export type CancellationServices = {
  readonly orders: Pick<Orders, "find">;
  readonly checkouts: Checkouts;
  readonly inventory: Inventory;
  readonly payments: Payments;
  readonly shipping: Shipping;
  readonly pricing: Pricing;
};

/** An order may be cancelled again after a refusal, so the id of its cancellation contains the order's version at the request. */
export function cancellationId(order: Pick<Order, "orderId" | "version">): string {
  return `${order.orderId}.${order.version}`;
}

/**
 * Undoes an order whose checkout is past the point of no return, unless the carrier is quicker. Its newest version is the second, which
 * gives the uses of promotions back.
 */
export function defineCancellations({ orders, now }: { orders: Pick<Orders, "change">; now: () => Date }) {
  const definition: SagaDefinition<CancellationState, CancellationServices> = {
    name: CANCELLATION,
    version: 2, // Changed steps or state get a new one: docs/guides/saga-versions.md.
    pivot: "refund-payment",
    steps: [
      {
        name: "await-checkout",
        run: async ({ orderId }, to) => {
          const order = await to.orders.find(orderId);
          if (order?.stage !== "placed" || (await to.checkouts.ended(orderId))) return next();
          return wait({ until: patience(now().getTime() - order.updatedAt.getTime()), reason: "CHECKOUT_IN_FLIGHT" });
        },
      },
      {
        name: "recall-parcel",
        timeoutMs: 10_000,
        run: async ({ orderId }, { shipping }) =>
          (await shipping.recall(orderId)) === "gone" ? fail(PICKED_UP, "The carrier already has the parcel.") : next(),
      },
      {
        name: "refund-payment", // The pivot: the parcel does not leave, so the money is refunded.
        timeoutMs: 10_000,
        run: async ({ orderId, actor }, { payments, orders }) => {
          if ((await orders.find(orderId))?.total.minor === 0n) return next(); // It has no payment.
          return (await payments.refund(orderId, "The order was cancelled.", actor)) === "partly"
            ? wait({ until: REFUND_POLL_MS, reason: "REFUND_IN_FLIGHT" })
            : next();
        },
      },
      { name: "return-stock", run: ({ orderId }, { inventory }) => inventory.takeBack(orderId) },
      {
        name: RELEASE_USES,
        run: async ({ orderId }, { pricing, orders }) => {
          const uses = (await orders.find(orderId))?.charges?.uses ?? [];
          if (uses.length > 0) await pricing.releaseUses(orderId);
        },
      },
    ],
    onCompleted: (tx, { orderId, reason = "CANCELLED_BY_CUSTOMER" }) =>
      orders.change(tx, orderId, (order) => cancelled(order, reason, now())),
    onCompensated: (tx, { orderId }, failure) =>
      orders.change(tx, orderId, () => [{ type: "cancellation-refused", detail: refusalOf(failure), at: now() }]),
  };
  const first = definition.steps.filter(({ name }) => name !== RELEASE_USES);
  return [defineSaga({ ...definition, steps: first, version: 1 }), defineSaga(definition)];
}

/** Milliseconds until the next look at a checkout in flight: one that waits for an operator is looked at once a minute. */
function patience(elapsedMs: number): number {
  return Math.min(Math.max(elapsedMs, 500), 60_000);
}

const PICKED_UP = "SHIPMENT_PICKED_UP";

/** Returns why a cancellation was refused, in public words. */
function refusalOf({ reason }: SagaFailure): string {
  return reason === PICKED_UP ? "The carrier already has the parcel." : "The order could not be cancelled.";
}

/** An order that its checkout has rejected meanwhile remains rejected: nothing was charged. */
function cancelled(order: Order, reason: CancelReason, at: Date): readonly OrderEvent[] {
  if (order.stage === "rejected" || order.stage === "cancelled") return [];
  const detail = "Cancelled; the payment was refunded.";
  return [{ type: "cancelled", reason, detail, at }];
}
