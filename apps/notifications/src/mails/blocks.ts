import { formatMoney, money } from "@kontor/money";
import { isolated } from "@kontor/text";
import { type EndReason, isDeclineCode, isEndReason } from "../domain/end-reason.ts";
import type { Amount, Line, OrderFacts } from "../domain/story.ts";
import { addressLines } from "./address.ts";
import type { Block, Row } from "./letter.ts";
import type { Words } from "./words.ts";

export function text(content: string): Block {
  return { type: "text", text: content };
}

/** Returns the lines of the order and their prices. */
export function orderTable({ lines, itemsTotal, shippingTotal, total, ...facts }: OrderFacts, words: Words): Block {
  const { discount, tax, taxIncluded = true } = facts;
  const sum = (label: string, amount: Amount): Row => ({ label, amount: inWords(amount, words) });
  return {
    type: "table",
    rows: lines.map((line) => rowOf(line, words)),
    sums: [
      ...[sum(words.items, itemsTotal), sum(words.shipping, shippingTotal)],
      ...(discount === undefined ? [] : [sum(words.discount, { ...discount, minor: `-${discount.minor}` })]),
      ...(tax === undefined ? [] : [sum(taxIncluded ? words.taxIncluded : words.tax, tax)]),
    ],
    total: sum(words.total, total),
  };
}

export function addressNote({ address }: OrderFacts, words: Words): Block[] {
  return address === undefined ? [] : note(words.address, addressLines(address, words.language));
}

/** Returns where the reader sees the order. */
export function linkNote(link: string | undefined, words: Words): Block[] {
  return link === undefined ? [] : note(words.link, [link]);
}

export function trackingNote({ trackingNumber }: OrderFacts, words: Words): Block[] {
  return note(words.tracking, [isolated(trackingNumber)]);
}

/** Returns the reason of the order's end, only in the words of the mail: texts of other services are never quoted. */
export function reasonNote({ reason, declineCode }: OrderFacts, words: Words, unknown?: EndReason): Block[] {
  if (reason === "PAYMENT_DECLINED" && isDeclineCode(declineCode))
    return note(words.reason, [words.declines[declineCode]]);
  const known = isEndReason(reason) ? reason : unknown;
  return known === undefined ? [] : note(words.reason, [words.reasons[known]]);
}

export function inWords({ currency, minor }: Amount, { language }: Words): string {
  return formatMoney(money(currency, BigInt(minor)), language);
}

function note(title: string, lines: readonly string[]): Block[] {
  const known = lines.filter((line) => line !== "");
  return known.length > 0 ? [{ type: "note", title, lines: known }] : [];
}

function rowOf({ title, sku, quantity, price }: Line, words: Words): Row {
  const amount = inWords({ ...price, minor: `${BigInt(price.minor) * BigInt(quantity)}` }, words);
  return { label: isolated(title) || isolated(sku), detail: `${quantity} × ${inWords(price, words)}`, amount };
}
