import { counter, gauge } from "@kontor/telemetry";
import type { Notifications } from "../ports.ts";

/** Counts attempts by how they ended. */
export const deliveries = counter("kontor_notifications_deliveries_total", "Attempts to deliver a mail.", [
  "template",
  "outcome",
]);

/** Shows operators mails that are not delivered. Read at each scrape. */
export function watchOverdue(notifications: Pick<Notifications, "oldestOverdue">): void {
  const help = "Age of the oldest notification that is due and not delivered, or whose user is unknown.";
  gauge("kontor_notifications_oldest_overdue_seconds", help, [], async (shown) => {
    shown.set(await notifications.oldestOverdue());
  });
}
