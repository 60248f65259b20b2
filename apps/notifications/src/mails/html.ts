import { ISOLATE } from "@kontor/text";

/** HTML that is safe to send. Only `html` makes it. */
export type Html = { readonly markup: string };

type Value = string | Html | readonly Html[];

/** A template of HTML that escapes every text put into it. */
export function html(strings: TemplateStringsArray, ...values: readonly Value[]): Html {
  return { markup: String.raw({ raw: strings }, ...values.map(markupOf)) };
}

/** A bidi isolate of `isolated` becomes the element that HTML has for it. */
const entities: Readonly<Record<string, string>> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&quot;",
  "'": "&#39;",
  [ISOLATE.start]: "<bdi>",
  [ISOLATE.end]: "</bdi>",
};

function markupOf(value: Value): string {
  if (typeof value === "string") return value.replace(/[&<>"'\u2068\u2069]/g, (character) => entities[character] ?? "");
  return "markup" in value ? value.markup : value.map(({ markup }) => markup).join("");
}
