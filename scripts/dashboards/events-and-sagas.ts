import { dashboard } from "./grafana.ts";

const here = 'namespace=~"$namespace"';
const rate = (metric: string, by: string) => `sum by (${by}) (rate(${metric}{${here}}[$__rate_interval]))`;
const most = (metric: string, by: string) => `max by (${by}) (${metric}{${here}})`;
const within = (share: number, metric: string, by: string) =>
  `histogram_quantile(${share}, sum by (le, ${by}) (rate(${metric}_bucket{${here}}[$__rate_interval])))`;

export const eventsAndSagas = dashboard({
  uid: "kontor-events-and-sagas",
  title: "Kontor / Events and sagas",
  description: "From the outbox over the stream to the consumer, and the processes that span services.",
  rows: [
    [
      "At a glance",
      ["stat", "Oldest unsent event", "s", `max(kontor_outbox_age_seconds{${here}})`, 60],
      ["stat", "Waiting for consumers", "short", `sum(${most("kontor_consumer_pending", "namespace, consumer")})`],
      ["stat", "Dead letters", "short", `sum(${most("kontor_dead_letters", "namespace, app")})`, 1],
      ["stat", "Parked sagas", "short", `sum(${most("kontor_sagas_parked", "namespace, saga")})`, 1],
      ["stat", "Due saga waits", "s", `max(kontor_saga_overdue_seconds{${here}})`, 60],
      ["stat", "Oldest saga", "s", `max(kontor_saga_oldest_seconds{${here}})`, 1800],
    ],
    [
      "Publishing",
      ["Published", "ops", { "{{app}}": rate("kontor_relay_published_total", "app") }],
      ["Unsent events", "short", { "{{app}}": most("kontor_outbox_depth", "app") }],
      [
        "Published again because the stream had lost them",
        "ops",
        { "{{app}}": rate("kontor_reconciler_repaired_total", "app") },
      ],
    ],
    [
      "Consuming",
      [
        "Messages by outcome",
        "ops",
        { "{{consumer}} {{result}}": rate("kontor_consumer_messages_total", "consumer, result") },
      ],
      [
        "From the event to its effect, 99 % within",
        "s",
        { "{{consumer}}": within(0.99, "kontor_consumer_lag_seconds", "consumer") },
      ],
      ["Waiting", "short", { "{{consumer}}": most("kontor_consumer_pending", "consumer") }],
      ["Handling, 99 % within", "s", { "{{consumer}}": within(0.99, "kontor_consumer_duration_seconds", "consumer") }],
      ["Dead letters", "short", { "{{app}}": most("kontor_dead_letters", "app") }],
    ],
    [
      "Sagas",
      ["Open, by phase", "short", { "{{saga}} {{phase}}": most("kontor_sagas", "saga, phase") }],
      ["Ended", "ops", { "{{saga}} {{phase}}": rate("kontor_sagas_ended_total", "saga, phase") }],
      [
        "Steps, 99 % within",
        "s",
        { "{{step}} {{action}}": within(0.99, "kontor_saga_step_duration_seconds", "step, action") },
      ],
      [
        "Steps by outcome",
        "ops",
        { "{{step}} {{action}} {{outcome}}": rate("kontor_saga_step_duration_seconds_count", "step, action, outcome") },
      ],
      [
        "Steps that are tried again",
        "ops",
        { "{{step}} {{action}}": rate("kontor_saga_retries_total", "step, action") },
      ],
    ],
  ],
});
