import type { SagaEngine } from "@kontor/saga";
import type { Sagas } from "../ports.ts";
import { CANCELLATION, type CancellationState, cancellationId } from "../sagas/cancellation.ts";
import { CHECKOUT, checkoutOf } from "../sagas/checkout.ts";

/** The sagas of orders on the engine. A checkout has its order's id. */
export function sagaRunner(engine: SagaEngine): Sagas {
  return {
    beginCheckout: async (tx, order) => {
      await engine.begin(tx, CHECKOUT, order.orderId, checkoutOf(order));
    },
    abortCheckout: (tx, orderId, reason) => engine.requestAbort(tx, CHECKOUT, orderId, reason),
    wakeCheckout: (tx, orderId) => engine.wake(tx, CHECKOUT, orderId),
    beginCancellation: async (tx, order, reason) => {
      const state: CancellationState = { orderId: order.orderId, reason };
      await engine.begin(tx, CANCELLATION, cancellationId(order), state);
    },
    parked: () => engine.parked(),
    resume: (name, id) => engine.resume(id, name),
  };
}
