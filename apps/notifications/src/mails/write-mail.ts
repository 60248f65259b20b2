import { isolated, printable } from "@kontor/text";
import { nameOfOrder } from "../domain/story.ts";
import type { Due, Mail } from "../ports.ts";
import { linkNote } from "./blocks.ts";
import type { Letter } from "./letter.ts";
import { letterHtml } from "./letter-html.ts";
import { letterText } from "./letter-text.ts";
import { blocksOf } from "./templates.ts";
import { wordsOf } from "./words.ts";

/**
 * Returns a function that writes the mail of a notification in its reader's language. The mail has the link of its subject, if there is one.
 * `domain` is the right side of message ids.
 */
export function writeMail({ shop, domain }: { shop: string; domain: string }) {
  return ({ id, send, story, recipient }: Pick<Due, "id" | "send" | "story" | "recipient">, link?: string): Mail => {
    const words = wordsOf(recipient.locale);
    const name = printable(recipient.displayName);
    const letter: Letter = {
      language: words.language,
      shop,
      subject: words.subject[story.template](nameOfOrder(story)),
      greeting: words.greeting(isolated(name)),
      blocks: [...blocksOf(story, words), ...linkNote(link, words)],
      closing: words.closing(shop),
    };
    return {
      messageId: `<${id}.${send}@${domain}>`,
      to: { name, address: recipient.email },
      subject: letter.subject,
      text: letterText(letter),
      html: letterHtml(letter),
    };
  };
}

/** The domain of an address such as `Kontor <shop@kontor.example>`. */
export function domainOf(address: string): string {
  return /@([\w.-]+)/.exec(address)?.[1] ?? "localhost";
}
