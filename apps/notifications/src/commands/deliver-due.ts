import { judge, type Outcome, type Patience, type Verdict } from "../domain/delivery.ts";
import type { Due, Mail, MailTransport, Notifications } from "../ports.ts";

type Deps = {
  readonly notifications: Pick<Notifications, "claim" | "record">;
  readonly transport: Pick<MailTransport, "send">;
  readonly write: (due: Due) => Mail;
  readonly patience: Patience;
  readonly leaseMs: number;
  readonly onAttempt: (due: Due, outcome: Outcome) => void;
};

/** What a round found: how many mails were due, whether the mail server responded, and when the first is due again, if one is. */
export type Round = { readonly claimed: number; readonly reachable: boolean; readonly retryInMs: number };

/** Delivers what is due, all mails side by side. A crash after the server took a mail sends it again, with the same id. */
export function deliverDue({ notifications, transport, write, patience, leaseMs, onAttempt }: Deps) {
  async function deliver(due: Due): Promise<{ readonly outcome: Outcome; readonly verdict: Verdict }> {
    const mail = write(due);
    const outcome = await transport.send(mail);
    onAttempt(due, outcome);
    const verdict = judge(outcome, due.attempt, patience);
    await notifications.record(due, { subject: mail.subject, outcome, verdict });
    return { outcome, verdict };
  }

  return async (limit: number): Promise<Round> => {
    const due = await notifications.claim(limit, leaseMs);
    const settled = await Promise.allSettled(due.map(deliver));
    // What could not be written or recorded comes back when its lease ends.
    const failures = settled.flatMap((one) => (one.status === "rejected" ? [one.reason] : []));
    if (failures.length > 0) throw new AggregateError(failures, "Deliveries were left unfinished.");
    const delivered = settled.flatMap((one) => (one.status === "fulfilled" ? [one.value] : []));
    const retries = delivered.flatMap(({ verdict }) => (verdict.status === "queued" ? [verdict.retryInMs] : []));
    const reachable = delivered.every(({ outcome }) => outcome.kind !== "unreachable");
    return { claimed: due.length, reachable, retryInMs: Math.min(...retries) };
  };
}
