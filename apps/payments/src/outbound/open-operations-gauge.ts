import { gauge } from "@kontor/telemetry";
import type { Operations } from "../ports.ts";

/** Lets operators see a payment that stays unknown. Asked at each scrape. */
export function watchOpenOperations(operations: Pick<Operations, "oldestOpen">): void {
  const help = "Age of the oldest question to the card provider without an answer.";
  gauge("kontor_payments_oldest_open_operation_seconds", help, [], async (shown) => {
    shown.set(await operations.oldestOpen());
  });
}
