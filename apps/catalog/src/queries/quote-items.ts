import type { Quote, Quotes, WantedItem } from "../ports.ts";

/** Tells what items really cost, or why they cannot be ordered. */
export function quoteItems({ quotes }: { quotes: Quotes }) {
  return (items: readonly WantedItem[]): Promise<readonly Quote[]> => quotes.quote(items);
}
