import { existsSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { stuckWork } from "./work.ts";

const problems = (text: string) => stuckWork({ process: "orders", text }).map(({ problem }) => problem);

describe("stuck work in metrics", () => {
  it("is none where nothing waits", () => {
    expect(problems("# HELP kontor_dead_letters x\nkontor_dead_letters 0\nkontor_outbox_age_seconds 0.2\n")).toEqual(
      [],
    );
  });

  it("is summed up over labels", () => {
    const text = 'kontor_sagas_parked{saga="a"} 1\nkontor_sagas_parked{saga="b"} 2\n';
    expect(problems(text)).toEqual(["3 sagas stopped and wait for an operator."]);
  });

  it.each([
    ["kontor_dead_letters", "npm run kontor -- messages", "docs/runbooks/dead-letters.md"],
    ["kontor_sagas_parked", "npm run kontor -- sagas", "docs/runbooks/saga-parked.md"],
  ])("of %s is shown by a command, and its remedy is an existing page", (metric, command, page) => {
    const [finding] = stuckWork({ process: "orders", text: `${metric} 1\n` });
    expect(finding?.remedy).toContain(command);
    expect(finding?.remedy).toContain(page);
    expect(existsSync(new URL(`../../../../../${page}`, import.meta.url))).toBe(true);
  });

  it("is a saga that has not ended, such as a cancellation behind a parked checkout", () => {
    const text = 'kontor_saga_oldest_seconds{saga="a"} 1700\nkontor_saga_oldest_seconds{saga="b"} 1801\n';
    expect(problems(text)).toEqual(["A saga has not ended for 1801 s."]);
    expect(problems('kontor_saga_oldest_seconds{saga="a"} 1700\nkontor_saga_oldest_seconds{saga="b"} 1700\n')).toEqual(
      [],
    );
  });

  it("is an event that fails for minutes, or one of another client in the stream", () => {
    expect(problems("kontor_deferred_age_seconds 299\n")).toEqual([]);
    expect(problems("kontor_deferred_age_seconds 301\n")).toEqual(["An event fails since 301 s and is retried."]);
    expect(problems('kontor_stream_foreign_messages_total{stream="orders"} 2\n')).toEqual([
      "Another client published to its stream.",
    ]);
  });

  it("is an event that NATS does not take", () => {
    expect(problems("kontor_outbox_age_seconds 75.4\n")).toEqual(["Its oldest event waits for NATS since 75 s."]);
  });

  it("does not mistake a longer name for a shorter one", () => {
    expect(problems("kontor_dead_letters_total 5\n")).toEqual([]);
  });
});

describe("work that an external system leaves open", () => {
  it.each([
    ["kontor_notifications_oldest_overdue_seconds", 301, "A mail is overdue since 301 s."],
    [
      "kontor_payments_oldest_open_operation_seconds",
      301,
      "The card provider has not responded to an operation for 301 s.",
    ],
    [
      'kontor_payments_oldest_undecided_seconds{status="requires_action"}',
      1_801,
      "A payment is requires_action since 1801 s, longer than a checkout waits.",
    ],
    ["kontor_payments_forgotten", 1, "The card provider does not know 1 payments that it took in."],
    ["kontor_shipping_forgotten_shipments", 2, "The carrier does not know 2 open shipments that it booked."],
    ["kontor_shipping_carrier_unanswered_seconds", 61, "The carrier has not responded to a query for 61 s."],
    [
      'kontor_shipping_oldest_open_seconds{status="pending"}',
      301,
      "A parcel waits since 301 s for the carrier to book it.",
    ],
    [
      'kontor_shipping_oldest_open_seconds{status="booked"}',
      400_000,
      "A parcel is booked since 5 days and not picked up.",
    ],
    ['kontor_shipping_oldest_open_seconds{status="in_transit"}', 2_000_000, "A parcel is in_transit since 23 days."],
  ])("is found in %s, with a page that exists", (sample, value, problem) => {
    const found = stuckWork({ process: "shipping", text: `${sample} ${value}\n` });
    expect(found.map((finding) => finding.problem)).toEqual([problem]);
    const page = /docs\/runbooks\/[\w-]+\.md/.exec(found[0]?.remedy ?? "")?.[0] ?? "";
    expect(existsSync(new URL(`../../../../../${page}`, import.meta.url))).toBe(true);
    expect(problems(`${sample} 0\n`)).toEqual([]);
  });

  it("is judged by its status: a parcel may be on its way for days", () => {
    expect(problems('kontor_shipping_oldest_open_seconds{status="in_transit"} 400000\n')).toEqual([]);
  });
});
