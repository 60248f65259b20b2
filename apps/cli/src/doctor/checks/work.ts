import { doubtful, type Finding, wrong } from "../finding.ts";
import { openOutside } from "./external-work.ts";
import { highest, type Metrics, value as measured } from "./metrics-text.ts";

const FAILING_S = 300;
const OUTBOX_AGE_S = 60;
/** As the alert KontorSagaTooOld. */
const SAGA_AGE_S = 1_800;

/** Returns the work that is stuck, by the metrics of a process. */
export function stuckWork({ process, text }: Metrics): Finding[] {
  const value = (name: string) => measured(text, name);
  const findings: Finding[] = [];
  const failing = highest(text, "kontor_deferred_age_seconds");
  if (failing > FAILING_S) {
    const remedy =
      "Read why: npm run kontor -- messages\nRepair the cause, or give messages up: docs/runbooks/messages-deferred.md.";
    findings.push(wrong(process, `An event fails since ${Math.round(failing)} s and is retried.`, remedy));
  }
  if (value("kontor_stream_foreign_messages_total") > 0)
    findings.push(wrong(process, "Another client published to its stream.", "See docs/runbooks/foreign-messages.md."));
  const dead = value("kontor_dead_letters");
  if (dead > 0) {
    const remedy =
      "Read why: npm run kontor -- messages\nRepair the cause, then retry each or give it up: docs/runbooks/dead-letters.md.";
    findings.push(wrong(process, `${dead} events were given up.`, remedy));
  }
  const parked = value("kontor_sagas_parked");
  if (parked > 0) {
    const remedy =
      "Read why: npm run kontor -- sagas\n" +
      "Repair what the last error names, then resume each, or end a checkout that can never be finished: docs/runbooks/saga-parked.md.";
    findings.push(wrong(process, `${parked} sagas stopped and wait for an operator.`, remedy));
  }
  const unfinished = highest(text, "kontor_saga_oldest_seconds");
  if (unfinished > SAGA_AGE_S) {
    const remedy = "Read which, and at which step, by the SQL of docs/runbooks/saga-too-old.md.";
    findings.push(doubtful(process, `A saga has not ended for ${Math.round(unfinished)} s.`, remedy));
  }
  const unsent = highest(text, "kontor_outbox_age_seconds");
  if (unsent > OUTBOX_AGE_S)
    findings.push(
      wrong(
        process,
        `Its oldest event waits for NATS since ${Math.round(unsent)} s.`,
        "Is NATS up and its disk not full? See `events`.",
      ),
    );
  return [...findings, ...openOutside({ process, text })];
}
