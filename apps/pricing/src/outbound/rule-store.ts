import { event, outbox } from "@kontor/messaging";
import type { Database, RowOf, Sql, Tx } from "@kontor/postgres";
import { ListPricesChangedSchema, RuleChangedSchema } from "@kontor/shop/contracts/pricing/v1/events";
import { ruleCodecs } from "../contract/rule-codecs.ts";
import { pricingErrors } from "../domain/errors.ts";
import type { ListPrice } from "../domain/price-list.ts";
import { noRules, type RuleBook, type RuleKind, type RuleOf, ruleBook } from "../domain/rule-book.ts";
import { statement } from "../gen/statements.ts";
import type { RuleStore } from "../ports.ts";

const REVISION = statement("rules.revision", "SELECT revision FROM rule_revisions");
// The row stays locked until the transaction ends: revisions commit in their order.
const NEXT_REVISION = statement(
  "rules.next-revision",
  "UPDATE rule_revisions SET revision = revision + 1 RETURNING revision",
);
const CHANGED_RULES = statement(
  "rules.changed",
  "SELECT kind, id, body FROM rules WHERE revision > $1 AND revision <= $2",
  {
    columns: { body: 'import("@bufbuild/protobuf").JsonValue' },
  },
);
const SAVE = statement(
  "rules.save",
  `INSERT INTO rules (kind, id, body, version, revision) VALUES ($1, $2, $3, $4, $5)
  ON CONFLICT (kind, id) DO UPDATE SET body = EXCLUDED.body, version = EXCLUDED.version, revision = EXCLUDED.revision`,
);
const CHANGED_PRICES = statement(
  "list-prices.changed",
  `SELECT price_list_id AS "priceListId", sku, currency, min_quantity AS "minQuantity", minor
  FROM list_prices WHERE revision > $1 AND revision <= $2`,
);
const SET_PRICES = statement(
  "list-prices.set",
  `INSERT INTO list_prices (price_list_id, revision, sku, currency, min_quantity, minor)
  SELECT $1, $2, sku, currency, min_quantity, minor
  FROM unnest($3::text[], $4::text[], $5::int[], $6::bigint[]) AS price (sku, currency, min_quantity, minor)
  ON CONFLICT (price_list_id, sku, currency, min_quantity)
  DO UPDATE SET minor = EXCLUDED.minor, revision = EXCLUDED.revision`,
);
const REMOVE_PRICES = statement(
  "list-prices.remove",
  `UPDATE list_prices SET minor = NULL, revision = $2
  WHERE price_list_id = $1 AND sku = ANY ($3) AND minor IS NOT NULL RETURNING sku`,
);
const LIST_PRICES = statement(
  "list-prices.list",
  `SELECT price_list_id AS "priceListId", sku, currency, min_quantity AS "minQuantity", minor
  FROM list_prices
  WHERE price_list_id = $1 AND minor IS NOT NULL AND (sku, currency, min_quantity) > ($2, $3, $4::int)
  ORDER BY sku, currency, min_quantity LIMIT $5`,
  { columns: { minor: "not null" } },
);

/**
 * Creates the store of rules. It holds all of them in memory and loads only what changed. Nothing else is locked than the row with the number of
 * the last change.
 */
export function createRuleStore(db: Database): RuleStore {
  const rules = noRules();
  const prices = new Map<string, readonly ListPrice[]>();
  let book = ruleBook(rules, prices);
  let loaded = 0n;
  let loading: Promise<unknown> = Promise.resolve();

  /** Loads the changes up to a committed one, by default the last, after loads under way. */
  function load(sql: Sql, upTo?: bigint): Promise<RuleBook> {
    const next = loading.then(() => loadChanges(sql, upTo));
    loading = next.catch(() => undefined);
    return next;
  }

  async function loadChanges(sql: Sql, upTo?: bigint): Promise<RuleBook> {
    const last = upTo ?? (await sql.query(REVISION))[0]?.revision ?? 0n;
    if (last <= loaded) return book;
    const changedRules = await sql.query(CHANGED_RULES, [loaded, last]);
    const changedPrices = await sql.query(CHANGED_PRICES, [loaded, last]);
    for (const { kind, id, body } of changedRules) put(rules, kind, id, body);
    for (const price of changedPrices) putPrice(prices, price);
    if (changedRules.length > 0) book = ruleBook(rules, prices);
    loaded = last;
    return book;
  }

  /** Runs a change after all earlier ones, with the rules that these left; afterwards this process knows the change. */
  async function change<T>(run: (tx: Tx, book: RuleBook, revision: bigint) => Promise<T>): Promise<T> {
    const result = await db.transaction(async (tx) => {
      const [{ revision } = { revision: 0n }] = await tx.query(NEXT_REVISION);
      return run(tx, await load(tx, revision - 1n), revision);
    });
    await load(db);
    return result;
  }

  return {
    known: () => book,
    refresh: () => load(db),
    save: (kind, decide) =>
      change(async (tx, before, revision) => {
        const rule = decide(before);
        const { encode, changed } = ruleCodecs[kind];
        await tx.query(SAVE, [kind, rule.id, encode(rule), rule.version, revision]);
        await outbox.append(tx, [event(RuleChangedSchema, { rule: changed(rule) }, { key: `${kind}/${rule.id}` })]);
        return rule;
      }),
    setPrices: (priceListId, changes) =>
      change(async (tx, before, revision) => {
        requireList(before, priceListId);
        const latest = new Map(changes.map((price) => [keyOf(price), price]));
        const rows = [...latest.values()];
        await tx.query(SET_PRICES, [
          ...([priceListId, revision] as const),
          rows.map(({ sku }) => sku),
          rows.map(({ currency }) => currency),
          rows.map(({ minQuantity }) => minQuantity),
          rows.map(({ minor }) => minor),
        ]);
        await publishPrices(
          tx,
          priceListId,
          rows.map(({ sku }) => sku),
        );
      }),
    removePrices: (priceListId, skus) =>
      change(async (tx, before, revision) => {
        requireList(before, priceListId);
        const removed = await tx.query(REMOVE_PRICES, [priceListId, revision, skus]);
        await publishPrices(
          tx,
          priceListId,
          removed.map(({ sku }) => sku),
        );
      }),
    listPrices: (priceListId, { after, limit }) =>
      db.query(LIST_PRICES, [priceListId, after?.sku ?? "", after?.currency ?? "", after?.minQuantity ?? 0, limit]),
  };
}

function put(
  rules: { readonly [K in RuleKind]: Map<string, RuleOf[K]> },
  kind: RuleKind,
  id: string,
  body: Parameters<(typeof ruleCodecs)[RuleKind]["decode"]>[0],
): void {
  putRule(kind);

  function putRule<K extends RuleKind>(one: K): void {
    rules[one].set(id, ruleCodecs[one].decode(body));
  }
}

function keyOf({ sku, currency, minQuantity }: Omit<ListPrice, "minor">): string {
  return `${sku} ${currency} ${minQuantity}`;
}

function putPrice(prices: Map<string, readonly ListPrice[]>, { minor, ...price }: RowOf<typeof CHANGED_PRICES>): void {
  const isOther = (known: ListPrice) => known.priceListId !== price.priceListId || keyOf(known) !== keyOf(price);
  const kept = prices.get(price.sku)?.filter(isOther) ?? [];
  if (minor !== null) prices.set(price.sku, [...kept, { ...price, minor }]);
  else if (kept.length > 0) prices.set(price.sku, kept);
  else prices.delete(price.sku);
}

function requireList({ rules }: RuleBook, id: string): void {
  if (!rules["price-list"].has(id)) throw pricingErrors.RULE_NOT_FOUND({ kind: "price-list", id });
}

async function publishPrices(tx: Tx, priceListId: string, skus: readonly string[]): Promise<void> {
  if (skus.length === 0) return;
  const changed = { priceListId, skus: [...new Set(skus)] };
  await outbox.append(tx, [event(ListPricesChangedSchema, changed, { key: `price-list/${priceListId}` })]);
}
