import type { SagaEngine } from "@kontor/saga";
import type { Sagas } from "../ports.ts";
import { CANCELLATION, cancellationId } from "../sagas/cancellation.ts";
import { CANCELLED_BY_CUSTOMER, CHECKOUT, checkoutOf } from "../sagas/checkout.ts";

/** The sagas of orders on the engine. A checkout has its order's id. */
export function sagaRunner(engine: SagaEngine): Sagas {
  return {
    beginCheckout: async (tx, order) => {
      await engine.begin(tx, CHECKOUT, order.orderId, checkoutOf(order));
    },
    abortCheckout: (tx, orderId) => engine.requestAbort(tx, CHECKOUT, orderId, CANCELLED_BY_CUSTOMER),
    wakeCheckout: (tx, orderId) => engine.wake(tx, CHECKOUT, orderId),
    beginCancellation: async (tx, order) => {
      await engine.begin(tx, CANCELLATION, cancellationId(order), { orderId: order.orderId });
    },
    parked: () => engine.parked(),
    resume: (name, id) => engine.resume(id, name),
  };
}
