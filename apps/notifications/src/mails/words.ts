import type { DeclineCode, EndReason } from "../domain/end-reason.ts";
import type { Story } from "../domain/story.ts";
import { de } from "./words-de.ts";
import { en } from "./words-en.ts";

/** All words of mails in one language. */
export type Words = {
  /** BCP 47; also how money and countries are written. */
  readonly language: string;
  readonly greeting: (name: string) => string;
  readonly closing: (shop: string) => string;
  readonly subject: Readonly<Record<Story["template"], (orderId: string) => string>>;
  readonly opening: Readonly<Record<Story["template"], (orderId: string) => string>>;
  /** The sentence about the money of an order that failed. */
  readonly nothingCharged: string;
  readonly refundOf: (amount: string) => string;
  /** Why an order ended. */
  readonly reasons: Readonly<Record<EndReason, string>>;
  /** Why a payment was declined. */
  readonly declines: Readonly<Record<DeclineCode, string>>;
  readonly items: string;
  readonly shipping: string;
  readonly discount: string;
  readonly tax: string;
  readonly taxIncluded: string;
  readonly total: string;
  readonly address: string;
  readonly tracking: string;
  readonly link: string;
  readonly reason: string;
};

/** All languages that mails are written in. */
export const languages: ReadonlyMap<string, Words> = new Map([de, en].map((words) => [words.language, words]));

/** Returns the words of a user's locale, such as `de-AT`; the English ones if there are none in its language. */
export function wordsOf(locale: string): Words {
  const [language = ""] = locale.toLowerCase().split(/[-_]/);
  return languages.get(language) ?? en;
}
