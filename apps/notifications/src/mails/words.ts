import type { Story } from "../domain/story.ts";
import { de } from "./words-de.ts";
import { en } from "./words-en.ts";

/** Everything that mails say in one language. */
export type Words = {
  /** BCP 47; also how money and countries are written. */
  readonly language: string;
  readonly greeting: (name: string) => string;
  readonly closing: (shop: string) => string;
  readonly subject: Readonly<Record<Story["template"], (orderId: string) => string>>;
  readonly opening: Readonly<Record<Story["template"], (orderId: string) => string>>;
  /** What follows for the money, where an order came to nothing. */
  readonly nothingCharged: string;
  readonly refundOf: (amount: string) => string;
  /** Known reasons of orders. */
  readonly reasons: Readonly<Record<string, string>>;
  readonly items: string;
  readonly shipping: string;
  readonly total: string;
  readonly address: string;
  readonly tracking: string;
  readonly reason: string;
};

const languages = new Map<string, Words>([
  ["de", de],
  ["en", en],
]);

/** The words of a user's locale, such as `de-AT`; English if there are none. */
export function wordsOf(locale: string): Words {
  const [language = ""] = locale.toLowerCase().split(/[-_]/);
  return languages.get(language) ?? en;
}
