import type { Quote, Quotes, WantedItem } from "../ports.ts";

/** Returns the present prices of items, or the reasons why they cannot be ordered. */
export function quoteItems({ quotes }: { quotes: Quotes }) {
  return (items: readonly WantedItem[]): Promise<readonly Quote[]> => quotes.quote(items);
}
