import { nameOfOrder, type OrderFacts, type OrderTemplate, type RefundFacts, type Story } from "../domain/story.ts";
import { addressNote, inWords, orderTable, reasonNote, text, trackingNote } from "./blocks.ts";
import type { Block } from "./letter.ts";
import type { Words } from "./words.ts";

const aboutOrder: Readonly<Record<OrderTemplate, (order: OrderFacts, words: Words) => Block[]>> = {
  "order-confirmed": (order, words) => [orderTable(order, words), ...addressNote(order, words)],
  "order-shipped": (order, words) => [
    ...trackingNote(order, words),
    orderTable(order, words),
    ...addressNote(order, words),
  ],
  "order-rejected": (order, words) => [
    ...reasonNote(order, words, "CHECKOUT_FAILED"),
    text(words.nothingCharged),
    orderTable(order, words),
  ],
  "order-cancelled": (order, words) => [
    ...reasonNote(order, words),
    text(words.nothingCharged),
    orderTable(order, words),
  ],
};

const aboutRefund = ({ amount }: RefundFacts, words: Words) => [text(words.refundOf(inWords(amount, words)))];

/** Returns the body of a story's letter, between greeting and closing. */
export function blocksOf(story: Story, words: Words): Block[] {
  const opening = text(words.opening[story.template](nameOfOrder(story)));
  const rest =
    story.template === "payment-refunded"
      ? aboutRefund(story.facts, words)
      : aboutOrder[story.template](story.facts, words);
  return [opening, ...rest];
}
