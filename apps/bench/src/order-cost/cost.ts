import type { Writes } from "../write-counter.ts";
import { type Counters, grown } from "./counters.ts";
import { type StatementUse, usedBetween } from "./statement-statistics.ts";

/** Everything that is counted, at one moment. */
export interface Reading {
  readonly statements: readonly StatementUse[];
  readonly writes: Writes;
  /** Milliseconds by process. */
  readonly cpu: Readonly<Record<string, number>>;
  readonly counters: Counters;
}

/** Numbers by name: of statements by database, of calls by method, and so on. */
export type Numbers = Readonly<Record<string, number>>;

/** The work between two readings. */
export interface Cost {
  /** BEGIN, COMMIT and ROLLBACK included, by database. */
  readonly statements: Numbers;
  /** By database and text. */
  readonly statementTexts: Numbers;
  /** BEGIN … COMMIT, by database. */
  readonly transactions: Numbers;
  /** Transactions that wrote, explicit ones and single statements. */
  readonly writes: Numbers;
  readonly walKiB: Numbers;
  readonly grpcCalls: Numbers;
  /** To and from external systems; the order itself does not count. */
  readonly httpCalls: Numbers;
  readonly eventsPublished: Numbers;
  readonly eventsConsumed: Numbers;
  readonly cpuMs: Numbers;
}

export type Figure = keyof Cost;

/** Returns the work between two readings. */
export function costBetween(before: Reading, after: Reading): Cost {
  const used = usedBetween(before.statements, after.statements);
  const count = (metric: string, ...labels: string[]) => grown(before.counters, after.counters, metric, labels);
  const webhooks = Object.entries(count("kontor_http_server_requests_total", "route"));
  return {
    statements: sumBy(used, ({ database }) => database),
    statementTexts: sumBy(used, ({ database, text }) => `${database}: ${text.replaceAll(/\s+/g, " ")}`),
    transactions: sumBy(
      used.filter(({ text }) => text === "COMMIT"),
      ({ database }) => database,
    ),
    writes: { all: after.writes.transactions - before.writes.transactions },
    walKiB: { all: (after.writes.walBytes - before.writes.walBytes) / 1024 },
    grpcCalls: count("kontor_rpc_server_requests_total", "method"),
    httpCalls: {
      ...count("kontor_http_client_requests_total", "system", "method"),
      ...Object.fromEntries(webhooks.filter(([route]) => route.includes("/webhooks/"))),
    },
    eventsPublished: count("kontor_relay_published_total"),
    eventsConsumed: count("kontor_consumer_messages_total", "consumer", "result"),
    cpuMs: subtractNumbers(after.cpu, before.cpu),
  };
}

/** Returns a cost times a factor. */
export function scaled(cost: Cost, factor: number): Cost {
  return mapped(cost, (_, numbers) =>
    Object.fromEntries(Object.entries(numbers).map(([name, value]) => [name, value * factor])),
  );
}

/** Returns `cost` without `other`. */
export function subtract(cost: Cost, other: Cost): Cost {
  return mapped(cost, (figure, numbers) => subtractNumbers(numbers, other[figure]));
}

/** Returns the sum of all numbers. */
export function total(numbers: Numbers): number {
  return Object.values(numbers).reduce((sum, value) => sum + value, 0);
}

function mapped(cost: Cost, change: (figure: Figure, numbers: Numbers) => Numbers): Cost {
  const entries = Object.entries(cost) as [Figure, Numbers][];
  return Object.fromEntries(entries.map(([figure, numbers]) => [figure, change(figure, numbers)])) as unknown as Cost;
}

function subtractNumbers(from: Numbers, what: Numbers): Numbers {
  const names = new Set([...Object.keys(from), ...Object.keys(what)]);
  return Object.fromEntries([...names].map((name) => [name, (from[name] ?? 0) - (what[name] ?? 0)]));
}

function sumBy(uses: readonly StatementUse[], keyOf: (use: StatementUse) => string): Numbers {
  const sums: Record<string, number> = {};
  for (const use of uses) sums[keyOf(use)] = (sums[keyOf(use)] ?? 0) + use.calls;
  return sums;
}
