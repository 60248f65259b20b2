import type { Sql } from "@kontor/postgres";
import { gauge } from "@kontor/telemetry";
import { statement } from "../gen/statements.ts";
import type { Operations } from "../ports.ts";

const WAITING = ["pending", "requires_action"] as const;

// Every undecided payment has a time for its next query.
const UNDECIDED = statement(
  "payments.undecided",
  `SELECT status, extract(epoch FROM now() - min(created_at))::float8 AS age
  FROM payments WHERE check_at IS NOT NULL AND status IN ('pending', 'requires_action') GROUP BY status`,
  { prepared: false },
);

const FORGOTTEN = statement(
  "payments.forgotten",
  `SELECT count(*)::int AS forgotten FROM payments
  WHERE forgotten_since IS NOT NULL AND status NOT IN ('declined', 'voided', 'refunded')`,
  { prepared: false },
);

/** Exposes the open work at the card provider. Read at each scrape; while the database is unreachable the last values remain. */
export function exposePayments(db: Sql, operations: Pick<Operations, "oldestOpen">): void {
  const openHelp = "Age of the oldest operation whose outcome is not known.";
  gauge("kontor_payments_oldest_open_operation_seconds", openHelp, [], async (to) => {
    const age = await operations.oldestOpen().catch(() => undefined);
    if (age !== undefined) to.set(age);
  });
  const undecidedHelp = "Age of the oldest payment that waits for the provider or for the shopper, by status.";
  gauge("kontor_payments_oldest_undecided_seconds", undecidedHelp, ["status"], async (to) => {
    const rows = await db.query(UNDECIDED).catch(() => undefined);
    if (rows === undefined) return;
    for (const status of WAITING) to.set({ status }, rows.find((row) => row.status === status)?.age ?? 0);
  });
  const forgottenHelp =
    "Payments in progress or captured that the card provider does not know although it took them in.";
  gauge("kontor_payments_forgotten", forgottenHelp, [], async (to) => {
    const [row] = await db.query(FORGOTTEN).catch(() => []);
    if (row) to.set(row.forgotten);
  });
}
