import type { JsonFault } from "@kontor/proto-json";
import type { Language } from "./language.ts";
import { de } from "./texts/de.ts";
import { en, type Texts } from "./texts/en.ts";

/** A sentence for clients in every language, with the code and the facts that a program reads. */
export interface Text {
  /** UPPER_SNAKE_CASE, stable; absent for a text without parameters. */
  readonly code?: string;
  /** The facts of the sentence, by name. */
  readonly params?: Readonly<Record<string, Param>>;
  /** Returns the sentence in a language. */
  in(language: Language): string;
}

/** A fact as JSON states it. */
export type Param = string | number | boolean | readonly string[];

/** The code of a text of this package. */
export type TextCode = keyof Texts;

type ParamsOf<C extends TextCode> = Texts[C] extends (params: infer P) => string ? [params: P] : [];

const texts: Readonly<Record<Language, Texts>> = { en, de };

/** Most characters of a param: clients choose some of them. */
const LONGEST = 100;

/** Returns a text of this package: `say("UNKNOWN_PARAMETER", { name })`. Params are cut to 100 characters. */
export function say<C extends TextCode>(code: C, ...[given]: ParamsOf<C>): Text {
  const params: Record<string, Param> = {};
  for (const [name, value] of Object.entries((given as Record<string, Param> | undefined) ?? {}))
    params[name] = typeof value === "string" ? value.slice(0, LONGEST) : value;
  return {
    code,
    params,
    in: (language) => {
      const text = texts[language][code];
      return typeof text === "string" ? text : (text as (params: Record<string, Param>) => string)(params);
    },
  };
}

/** Returns the text of a fault in JSON. */
export function textOfFault({ code, params }: JsonFault): Text {
  return say(code as "WRONG_TYPE", params as { expected: string }); // The codes of faults are codes of texts, with the same params.
}

/** Returns a text that begins with the name of its subject. */
export function about(name: string, text: Text): Text {
  return { in: (language) => `"${name.slice(0, LONGEST)}": ${text.in(language)}` };
}
