import { Refusal } from "@kontor/config";

/** `CountVotes` in all spellings that its files need. */
export interface Spellings {
  /** `CountVotes`: in contracts. */
  readonly pascal: string;
  /** `countVotes`: in code. */
  readonly camel: string;
  /** `count-votes`: in paths. */
  readonly kebab: string;
  /** `count_votes`: in metrics. */
  readonly snake: string;
  /** `count votes`: in sentences. */
  readonly words: string;
}

/** Returns the spellings of the name of an RPC or event. Throws a Refusal unless it has two words or more, such as `example`. */
export function spellingsOf(kind: "RPC" | "event", name: string, example: string): Spellings {
  if (!/^(?:[A-Z][a-z]+){2,}$/.test(name) || name.length > 40)
    throw new Refusal(
      `"${name}" cannot be the name of an ${kind}: two words or more in upper camel case, at most 40 letters, such as ${example}.`,
    );
  const words = [...name.matchAll(/[A-Z][a-z]+/g)].map(([word]) => word.toLowerCase());
  return {
    pascal: name,
    camel: name.charAt(0).toLowerCase() + name.slice(1),
    kebab: words.join("-"),
    snake: words.join("_"),
    words: words.join(" "),
  };
}
