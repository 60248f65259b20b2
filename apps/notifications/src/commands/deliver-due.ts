import { judge, type Outcome, type Patience, type Verdict } from "../domain/delivery.ts";
import type { Due, Mail, MailTransport, Notifications } from "../ports.ts";

type Deps = {
  readonly notifications: Pick<Notifications, "claim" | "record">;
  readonly transport: Pick<MailTransport, "send">;
  readonly write: (due: Due, link: string | undefined) => Mail;
  /** Returns where the reader sees what the mail is about, without an account; undefined if a log-in is needed. */
  readonly linkFor: (due: Due) => Promise<string | undefined>;
  readonly patience: Patience;
  readonly leaseMs: number;
  readonly onAttempt: (due: Due, outcome: Outcome) => void;
};

/** The result of a round: the number of due mails, whether the mail server responded, and when the next one is due, if any. */
export type Round = { readonly claimed: number; readonly reachable: boolean; readonly retryInMs: number };

/** Delivers due mails concurrently. A crash after the server accepted a mail sends it again, with the same id. */
export function deliverDue({ notifications, transport, write, linkFor, patience, leaseMs, onAttempt }: Deps) {
  async function deliver(due: Due): Promise<{ readonly outcome: Outcome; readonly verdict: Verdict }> {
    const mail = write(due, await linkFor(due));
    const outcome = await transport.send(mail);
    onAttempt(due, outcome);
    const verdict = judge(outcome, due.attempt, patience);
    await notifications.record(due, { subject: mail.subject, outcome, verdict });
    return { outcome, verdict };
  }

  return async (limit: number): Promise<Round> => {
    const due = await notifications.claim(limit, leaseMs);
    const settled = await Promise.allSettled(due.map(deliver));
    // A mail that could not be written or recorded is due again when its lease ends.
    const failures = settled.flatMap((one) => (one.status === "rejected" ? [one.reason] : []));
    if (failures.length > 0) throw new AggregateError(failures, "Deliveries were left unfinished.");
    const delivered = settled.flatMap((one) => (one.status === "fulfilled" ? [one.value] : []));
    const retries = delivered.flatMap(({ verdict }) => (verdict.status === "queued" ? [verdict.retryInMs] : []));
    const reachable = delivered.every(({ outcome }) => outcome.kind !== "unreachable");
    return { claimed: due.length, reachable, retryInMs: Math.min(...retries) };
  };
}
