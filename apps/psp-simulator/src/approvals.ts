import { createAlarms, type Journal } from "@kontor/simulator";
import { approve, type Payment } from "./domain/payment.ts";
import type { View } from "./payment-view.ts";

/** Approves pending payments once their time has come, also across restarts. */
export interface Approvals {
  schedule(payment: Payment): void;
  resume(): void;
  stop(): void;
}

export function createApprovals({
  journal,
  view,
  slowMs,
}: {
  journal: Journal<Payment>;
  view: View;
  slowMs: number;
}): Approvals {
  const alarms = createAlarms();

  function schedule({ id, createdAt }: Payment): void {
    alarms.set(id, new Date(Date.parse(createdAt) + slowMs), () => {
      const payment = journal.get(id);
      if (payment?.status !== "pending") return;
      const approved = approve(payment);
      journal.record({ type: "payment.authorised", resource: approved, webhook: { payment: view(approved) } });
    });
  }

  return {
    schedule,
    resume() {
      for (const payment of journal.all()) if (payment.status === "pending") schedule(payment);
    },
    stop: alarms.cancelAll,
  };
}
