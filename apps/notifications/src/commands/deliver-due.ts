import { judge, type Outcome, type Patience } from "../domain/delivery.ts";
import type { Due, Mail, MailTransport, Notifications } from "../ports.ts";

type Deps = {
  readonly notifications: Pick<Notifications, "claim" | "record">;
  readonly transport: Pick<MailTransport, "send">;
  readonly write: (due: Due) => Mail;
  readonly patience: Patience;
  readonly leaseMs: number;
  readonly onAttempt: (due: Due, outcome: Outcome) => void;
};

/** What a round found: how many were due, and whether the mail server answered. */
export type Round = { readonly claimed: number; readonly reachable: boolean };

/** Tries to deliver what is due, all at a time. A crash after the server took a mail sends it again, with the same id. */
export function deliverDue({ notifications, transport, write, patience, leaseMs, onAttempt }: Deps) {
  async function deliver(due: Due): Promise<Outcome> {
    const mail = write(due);
    const outcome = await transport.send(mail);
    onAttempt(due, outcome);
    const verdict = judge(outcome, due.attempt, patience);
    await notifications.record(due, { subject: mail.subject, outcome, verdict });
    return outcome;
  }

  return async (limit: number): Promise<Round> => {
    const due = await notifications.claim(limit, leaseMs);
    const settled = await Promise.allSettled(due.map(deliver));
    // What could not be written or recorded comes back when its lease ends.
    const failures = settled.flatMap((one) => (one.status === "rejected" ? [one.reason] : []));
    if (failures.length > 0) throw new AggregateError(failures, "Deliveries were left unfinished.");
    const silent = settled.some((one) => one.status === "fulfilled" && one.value.kind === "unreachable");
    return { claimed: due.length, reachable: !silent };
  };
}
