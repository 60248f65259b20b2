import { formatMoney, money } from "@kontor/money";
import type { Amount, Line, OrderFacts } from "../domain/story.ts";
import type { Block, Row } from "./letter.ts";
import type { Words } from "./words.ts";

export function text(content: string): Block {
  return { type: "text", text: content };
}

/** What was ordered and what it costs. */
export function orderTable({ lines, itemsTotal, shippingTotal, total }: OrderFacts, words: Words): Block {
  const sum = (label: string, amount: Amount): Row => ({ label, amount: inWords(amount, words) });
  return {
    type: "table",
    rows: lines.map((line) => rowOf(line, words)),
    sums: [sum(words.items, itemsTotal), sum(words.shipping, shippingTotal)],
    total: sum(words.total, total),
  };
}

export function addressNote({ address }: OrderFacts, words: Words): Block[] {
  if (address === undefined) return [];
  const { recipient, line1, line2, city, postalCode, region, country } = address;
  const countries = new Intl.DisplayNames([words.language], { type: "region", fallback: "code" });
  const land = /^[A-Z]{2}$/.test(country) ? countries.of(country) : country;
  return note(words.address, [recipient, line1, line2, `${postalCode} ${city}`.trim(), region, land ?? ""]);
}

export function trackingNote({ trackingNumber }: OrderFacts, words: Words): Block[] {
  return note(words.tracking, [trackingNumber]);
}

/** Why, in the reader's language if we know the reason, else as it was told. */
export function reasonNote({ reason, reasonDetail }: OrderFacts, words: Words): Block[] {
  return note(words.reason, [words.reasons[reason] ?? reasonDetail]);
}

export function inWords({ currency, minor }: Amount, { language }: Words): string {
  return formatMoney(money(currency, BigInt(minor)), language);
}

function note(title: string, lines: readonly string[]): Block[] {
  const told = lines.filter((line) => line !== "");
  return told.length > 0 ? [{ type: "note", title, lines: told }] : [];
}

function rowOf({ title, sku, quantity, price }: Line, words: Words): Row {
  const amount = inWords({ ...price, minor: `${BigInt(price.minor) * BigInt(quantity)}` }, words);
  return { label: title || sku, detail: `${quantity} × ${inWords(price, words)}`, amount };
}
