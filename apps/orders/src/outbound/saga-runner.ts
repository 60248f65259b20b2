import type { Sql } from "@kontor/postgres";
import { readPhase, type SagaEngine } from "@kontor/saga";
import type { Checkouts, Sagas } from "../ports.ts";
import { CANCELLATION, type CancellationState, cancellationId } from "../sagas/cancellation.ts";
import { AUTHORISE_PAYMENT, CHECKOUT, checkoutOf } from "../sagas/checkout.ts";

/** The sagas of orders on the engine. A checkout has its order's id. */
export function sagaRunner(engine: SagaEngine): Sagas {
  return {
    beginCheckout: async (tx, order) => {
      await engine.begin(tx, CHECKOUT, order.orderId, checkoutOf(order));
    },
    abortCheckout: (tx, orderId, reason) => engine.requestAbort(tx, CHECKOUT, orderId, reason),
    wakeCheckout: (tx, orderId) => engine.wake(tx, CHECKOUT, orderId, AUTHORISE_PAYMENT),
    async continueCancellation(tx, request, reason, actor) {
      const id = cancellationId(request);
      const state: CancellationState = { orderId: request.orderId, reason, actor };
      if (!(await engine.begin(tx, CANCELLATION, id, state))) await engine.wake(tx, CANCELLATION, id);
    },
    endCheckout: (tx, orderId) => {
      const message = "An operator ended the parked checkout; a cancellation undoes the order.";
      return engine.end(tx, CHECKOUT, orderId, { reason: "ENDED_BY_OPERATOR", message });
    },
    beginCancellation: async (tx, order, reason, actor) => {
      const state: CancellationState = { orderId: order.orderId, reason, actor };
      await engine.begin(tx, CANCELLATION, cancellationId(order), state);
    },
    parked: () => engine.parked(),
    resume: (name, id) => engine.resume(id, name),
  };
}

/** The checkouts that this database knows. */
export function checkouts(sql: Sql): Checkouts {
  return {
    async ended(orderId) {
      const phase = await readPhase(sql, CHECKOUT, orderId);
      return phase === "completed" || phase === "compensated";
    },
  };
}
