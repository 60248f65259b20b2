import { doubtful, type Finding, wrong } from "../finding.ts";

/** Where a process shows its metrics, as text. */
export type Metrics = { readonly process: string; readonly text: string };

const OUTBOX_AGE_S = 60;
const MAIL_OVERDUE_S = 300;
const PAYMENT_OPEN_S = 300;

/** What got stuck, as the metrics of a process say. */
export function stuckWork({ process, text }: Metrics): Finding[] {
  const value = (name: string) => total(text, name);
  const findings: Finding[] = [];
  const dead = value("kontor_dead_letters");
  if (dead > 0) {
    const sql = "SELECT id, consumer, type, key, message_id, reason FROM dead_letters WHERE resolved_at IS NULL;";
    const remedy = `Read why in the database of ${process}: ${sql}\nMend the cause, then have each done once more or discarded by the SQL of docs/runbooks/dead-letters.md.`;
    findings.push(wrong(process, `${dead} events were given up.`, remedy));
  }
  const parked = value("kontor_sagas_parked");
  if (parked > 0) {
    const remedy =
      "Read why, with a token of staff (docs/runbooks/README.md): " +
      'curl -s <gateway>/api/v1/operations/sagas:parked -H "authorization: Bearer $TOKEN"\n' +
      "Mend what lastError names, then resume each, or end a checkout that can never be finished, by the calls of docs/runbooks/saga-parked.md.";
    findings.push(wrong(process, `${parked} sagas stopped and wait for an operator.`, remedy));
  }
  const unsent = value("kontor_outbox_age_seconds");
  if (unsent > OUTBOX_AGE_S)
    findings.push(
      wrong(
        process,
        `Its oldest event waits for NATS since ${Math.round(unsent)} s.`,
        "Is NATS up and its disk not full? See `events`.",
      ),
    );
  const overdue = value("kontor_notifications_oldest_overdue_seconds");
  if (overdue > MAIL_OVERDUE_S)
    findings.push(
      doubtful(
        process,
        `A mail is overdue since ${Math.round(overdue)} s.`,
        "Does the mail server of SMTP_URL take mails?",
      ),
    );
  const open = value("kontor_payments_oldest_open_operation_seconds");
  if (open > PAYMENT_OPEN_S)
    findings.push(
      doubtful(
        process,
        `The card provider owes an answer since ${Math.round(open)} s.`,
        "Does the provider of PSP_URL answer?",
      ),
    );
  return findings;
}

function total(text: string, name: string): number {
  const samples = text.matchAll(new RegExp(`^${name}(?:\\{.*\\})? (\\S+)$`, "gm"));
  return [...samples].reduce((sum, [, value]) => sum + Number(value), 0);
}
