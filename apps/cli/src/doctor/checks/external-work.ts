import { doubtful, type Finding, wrong } from "../finding.ts";
import { type Metrics, value } from "./metrics-text.ts";

type Rule = {
  readonly metric: string;
  /** Only the sample with this label. Without it, all samples are added up. */
  readonly label?: string;
  readonly above: number;
  readonly finding: typeof wrong;
  readonly problem: (value: number) => string;
  readonly remedy: string;
};

const DAY_S = 86_400;
const seconds = (value: number) => `${Math.round(value)} s`;
const days = (value: number) => `${Math.round(value / DAY_S)} days`;

const rules: readonly Rule[] = [
  {
    metric: "kontor_notifications_oldest_overdue_seconds",
    above: 300,
    finding: doubtful,
    problem: (value) => `A mail is overdue since ${seconds(value)}.`,
    remedy: "Does the mail server of SMTP_URL take mails? docs/runbooks/notifications-overdue.md",
  },
  {
    metric: "kontor_payments_oldest_open_operation_seconds",
    above: 300,
    finding: doubtful,
    problem: (value) => `The card provider has not responded to an operation for ${seconds(value)}.`,
    remedy: "Does the provider of PSP_URL respond? docs/runbooks/payment-outcome-unknown.md",
  },
  ...["pending", "requires_action"].map((status) => ({
    metric: "kontor_payments_oldest_undecided_seconds",
    label: `status="${status}"`,
    above: 1_800,
    finding: doubtful,
    problem: (value: number) => `A payment is ${status} since ${seconds(value)}, longer than a checkout waits.`,
    remedy: "Look at its checkout by docs/runbooks/payment-undecided.md.",
  })),
  {
    metric: "kontor_payments_forgotten",
    above: 0,
    finding: wrong,
    problem: (value) => `The card provider does not know ${value} payments that it took in.`,
    remedy: "Is the account of PSP_URL unchanged? Settle each by docs/runbooks/payment-forgotten.md.",
  },
  {
    metric: "kontor_shipping_forgotten_shipments",
    above: 0,
    finding: wrong,
    problem: (value) => `The carrier does not know ${value} open shipments that it booked.`,
    remedy: "Is the account of CARRIER_URL unchanged? Settle each by docs/runbooks/shipment-forgotten.md.",
  },
  {
    metric: "kontor_shipping_carrier_unanswered_seconds",
    above: 60,
    finding: doubtful,
    problem: (value) => `The carrier has not responded to a query for ${seconds(value)}.`,
    remedy: "Does the carrier of CARRIER_URL respond? docs/runbooks/carrier-unanswered.md",
  },
  {
    metric: "kontor_shipping_oldest_open_seconds",
    label: 'status="pending"',
    above: 300,
    finding: doubtful,
    problem: (value) => `A parcel waits since ${seconds(value)} for the carrier to book it.`,
    remedy: "Does the carrier of CARRIER_URL take bookings? docs/runbooks/shipment-stuck.md",
  },
  {
    metric: "kontor_shipping_oldest_open_seconds",
    label: 'status="booked"',
    above: 3 * DAY_S,
    finding: doubtful,
    problem: (value) => `A parcel is booked since ${days(value)} and not picked up.`,
    remedy: "Contact the warehouse. docs/runbooks/shipment-stuck.md",
  },
  ...["picked_up", "in_transit"].map((status) => ({
    metric: "kontor_shipping_oldest_open_seconds",
    label: `status="${status}"`,
    above: 21 * DAY_S,
    finding: doubtful,
    problem: (value: number) => `A parcel is ${status} since ${days(value)}.`,
    remedy: "Contact the carrier with its tracking number. docs/runbooks/shipment-stuck.md",
  })),
];

/** Returns the work that external systems have left open for too long, by the metrics of a process. */
export function openOutside({ process, text }: Metrics): Finding[] {
  return rules.flatMap(({ metric, label, above, finding, problem, remedy }) => {
    const measured = value(text, metric, label);
    return measured > above ? [finding(process, problem(measured), remedy)] : [];
  });
}
