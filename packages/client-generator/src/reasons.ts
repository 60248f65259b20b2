import { comment } from "./comment.ts";
import { keyText } from "./names.ts";

/** What a reason means in one domain. The facts of the error are in braces: `There is no product {productId}.` */
export interface ReasonMeaning {
  readonly http: number;
  readonly message: string;
}

/** Returns the facts of each reason as an interface. Facts that only some domains state are optional. */
export function reasonTypes(reasons: Readonly<Record<string, readonly ReasonMeaning[]>>): string {
  const members = Object.entries(reasons).map(([reason, meanings]) => {
    const stated = meanings.map(({ message }) => new Set(message.match(/(?<=\{)\w+(?=\})/g)));
    const facts = [...new Set(stated.flatMap((each) => [...each]))];
    const types = facts.map((fact) => `readonly ${fact}${stated.every((each) => each.has(fact)) ? "" : "?"}: string`);
    const text = [...new Set(meanings.map(({ http, message }) => `${http}: ${message}`))].join("\n");
    return `${comment(text, "  ")}  readonly ${keyText(reason)}: { ${types.join("; ")} };\n`.replace("{  }", "{}");
  });
  return `/** The facts of each error by its reason. */\nexport interface Reasons {\n${members.join("")}}\n`;
}

/** The catalogue of errors, as `npm run docs:reference` writes it. */
interface Catalogue {
  readonly [reason: string]: {
    readonly meanings: readonly {
      readonly domain: string;
      readonly http: number;
      readonly message: { readonly en: string };
    }[];
  };
}

/** Returns the reasons of a catalogue, or those of some domains. */
export function reasonsIn(catalogue: Catalogue, domains?: ReadonlySet<string>): Record<string, ReasonMeaning[]> {
  const found: Record<string, ReasonMeaning[]> = {};
  for (const [reason, { meanings }] of Object.entries(catalogue)) {
    const own = meanings.filter(({ domain }) => domains?.has(domain) ?? true);
    if (own.length > 0) found[reason] = own.map(({ http, message }) => ({ http, message: message.en }));
  }
  return found;
}
