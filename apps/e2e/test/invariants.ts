import { inParallel } from "@kontor/launcher";
import { audit } from "@kontor/messaging";
import { connectOptions, OPERATOR } from "@kontor/nats";
import { topology } from "@kontor/shop";
import { rowsOf } from "@kontor/testing";
import { connect } from "@nats-io/transport-node";
import type { KeyHistory } from "./order-history.ts";
import type { Shop } from "./shop.ts";

type OrderRow = {
  readonly id: string;
  readonly stage: string;
  readonly total: bigint;
  readonly refunded: bigint;
  readonly version: bigint;
};

const PAID = new Set(["confirmed", "shipped", "completed"]);
const ENDED = new Set(["completed", "rejected", "cancelled"]);

/**
 * Returns every violation of the invariants of money, stock, events and responses in a shop at rest. Reads all databases, the
 * card provider's own log, the streams, and the history of what clients received.
 */
export async function violationsOf(shop: Shop, history: readonly KeyHistory[]): Promise<string[]> {
  const orders = await rowsOf<OrderRow>(
    shop.database("orders"),
    `SELECT id, stage, (placement -> 'total' ->> 'minor')::bigint AS total, refunded, version FROM orders`,
  );
  const found = await Promise.all([
    money(shop, orders),
    stock(shop),
    answers(shop, orders, history),
    compensation(shop, orders),
    eventStreams(shop, orders),
    deliveries(shop),
    residue(shop, orders),
  ]);
  return found.flat();
}

/** One charge per order; captures less refunds at the provider = ledger = paid totals; each transaction sums to 0. */
async function money(shop: Shop, orders: readonly OrderRow[]): Promise<string[]> {
  const found: string[] = [];
  let due = 0n;
  await inParallel(8, orders, async ({ id, stage, total, refunded }) => {
    const expected = PAID.has(stage) ? total - refunded : 0n;
    due += expected;
    const [charged, payments] = [await shop.charged(id), await shop.providerPayments(id)];
    if (BigInt(charged) !== expected) found.push(`order ${id} is ${stage}, charged ${charged} instead of ${expected}`);
    if (payments.length > 1) found.push(`order ${id} has ${payments.length} payments at the provider`);
  });
  const ledger = await rowsOf<{ unbalanced: bigint; receivable: bigint }>(
    shop.database("payments"),
    `SELECT (SELECT count(*) FROM (SELECT 1 FROM ledger_entries GROUP BY transaction_id, currency HAVING sum(amount) <> 0) u) AS unbalanced,
       (SELECT coalesce(sum(amount), 0)::bigint FROM ledger_entries WHERE account = 'provider-receivable') AS receivable`,
  );
  const [{ unbalanced, receivable } = { unbalanced: -1n, receivable: -1n }] = ledger;
  if (unbalanced !== 0n) found.push(`${unbalanced} transactions of the ledger do not sum to 0`);
  if (receivable !== due) found.push(`the ledger has ${receivable} receivable, the orders say ${due}`);
  return found;
}

/** Booked units = available + held + sold, in totals, levels, reservations and movements; nothing is held at rest. */
async function stock(shop: Shop): Promise<string[]> {
  const rows = await rowsOf<{ row: string }>(
    shop.database("inventory"),
    "SELECT a::text AS row FROM stock_audit a WHERE NOT balanced OR held <> 0 OR available < 0",
  );
  return rows.map(({ row }) => `stock ${row}`);
}

/**
 * All responses for a key agree. An accepted order exists once, a refused one does not exist, one with an unknown outcome exists once or
 * not at all.
 */
async function answers(shop: Shop, orders: readonly OrderRow[], history: readonly KeyHistory[]): Promise<string[]> {
  const known = new Set(orders.map(({ id }) => id));
  const found: string[] = [];
  for (const { key, answers } of history) {
    const different = [...new Set(answers)];
    if (different.length > 1) found.push(`key ${key} has the responses ${different.join(" and ")}`);
    const [, id] = /^201 (.+)$/.exec(different[0] ?? "") ?? [];
    if (id !== undefined && !known.has(id)) found.push(`key ${key} received order ${id}, which does not exist`);
  }
  const settled = await rowsOf<{ key: string; result: string }>(
    shop.database("orders"),
    "SELECT key, result FROM idempotency_claims WHERE result IS NOT NULL",
  );
  const results = new Map(settled.map(({ key, result }) => [key, result]));
  for (const { key, answers } of history)
    if (answers[0]?.startsWith("4") && results.has(key)) found.push(`key ${key} was refused and has an order`);
  const unexplained = known.size - new Set(results.values()).size;
  if (unexplained !== 0) found.push(`${unexplained} orders more than settled keys`);
  return found;
}

/** An order that failed has no money and no stock reserved. */
async function compensation(shop: Shop, orders: readonly OrderRow[]): Promise<string[]> {
  const undone = orders.filter(({ stage }) => stage === "rejected" || stage === "cancelled").map(({ id }) => id);
  const held = await rowsOf<{ id: string; status: string }>(
    shop.database("inventory"),
    "SELECT order_id AS id, status FROM reservations WHERE order_id = ANY($1) AND status IN ('held', 'committed')",
    [undone],
  );
  const authorised = await rowsOf<{ id: string; status: string }>(
    shop.database("payments"),
    "SELECT order_id AS id, status FROM payments WHERE order_id = ANY($1) AND status NOT IN ('voided', 'declined', 'refunded', 'failed')",
    [undone],
  );
  return [...held, ...authorised].map(
    ({ id, status }) => `order ${id} did not come about, and has something ${status}`,
  );
}

/** Event streams have no gaps, and end at the version of the order's row. */
async function eventStreams(shop: Shop, orders: readonly OrderRow[]): Promise<string[]> {
  const streams = await rowsOf<{ id: string; count: bigint; last: bigint }>(
    shop.database("orders"),
    "SELECT stream_id AS id, count(*) AS count, max(version) AS last FROM events GROUP BY stream_id",
  );
  const versions = new Map(orders.map(({ id, version }) => [id, version]));
  return streams
    .filter(({ id, count, last }) => count !== last || versions.get(id) !== last)
    .map(
      ({ id, count, last }) => `order ${id}: ${count} events up to version ${last}, its row has ${versions.get(id)}`,
    );
}

/** Ids of outbox and stream are the same; each consumer has processed each event of its types once. */
async function deliveries(shop: Shop): Promise<string[]> {
  const found: string[] = [];
  const connection = await connect(connectOptions(OPERATOR, { natsUrl: [shop.natsUrl(OPERATOR)] }));
  try {
    for (const { name, service } of topology.streams) {
      const { missing, extra, unsent } = await audit(shop.database(service), connection, name);
      if (missing.length + extra.length + unsent > 0)
        found.push(`stream ${name}: ${missing.length} lost, ${extra.length} invented, ${unsent} unsent`);
    }
  } finally {
    await connection.close();
  }
  for (const { durable, service, stream, events } of topology.consumers) {
    const publisher = topology.streams.find(({ name }) => name === stream)?.service;
    if (publisher === undefined) throw new Error(`${durable} reads the stream ${stream}, which no service has.`);
    const published = await rowsOf<{ id: string }>(
      shop.database(publisher),
      "SELECT id FROM outbox WHERE type = ANY($1)",
      [events],
    );
    const processed = await rowsOf<{ id: string }>(
      shop.database(service),
      "SELECT message_id AS id FROM inbox WHERE consumer = $1",
      [durable],
    );
    const done = new Set(processed.map(({ id }) => id));
    const sent = new Set(published.map(({ id }) => id));
    const lost = [...sent.difference(done)];
    const invented = [...done.difference(sent)];
    if (lost.length + invented.length > 0)
      found.push(`${durable}: ${lost.length} events not processed, ${invented.length} invented`);
  }
  return found;
}

/** Every order has ended, and no dead letter, deferred message or unfinished saga remains. */
async function residue(shop: Shop, orders: readonly OrderRow[]): Promise<string[]> {
  const found = orders.filter(({ stage }) => !ENDED.has(stage)).map(({ id, stage }) => `order ${id} is still ${stage}`);
  for (const service of new Set(topology.consumers.map((consumer) => consumer.service))) {
    const rows = await rowsOf<{ what: string }>(
      shop.database(service),
      `SELECT 'dead letter of ' || consumer || ': ' || reason AS what FROM dead_letters
       UNION ALL SELECT 'deferred message of ' || consumer || ': ' || coalesce(last_error, '') FROM deferred_messages`,
    );
    found.push(...rows.map(({ what }) => what));
  }
  const sagas = await rowsOf<{ what: string }>(
    shop.database("orders"),
    "SELECT concat_ws(' ', name, id, phase, last_error) AS what FROM sagas WHERE phase NOT IN ('completed', 'compensated')",
  );
  return [...found, ...sagas.map(({ what }) => what)];
}
