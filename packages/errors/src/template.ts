import type { Language } from "./language.ts";

/** A value that a text states, as JSON states it: a number, a text, or a list of texts. */
export type Param = string | number | boolean | readonly string[];

/** The values that a template names in braces. */
export type Params = Readonly<Record<string, Param>>;

/** The names in the braces of a template: `"min" | "max"` of `"Must be {min} to {max}."`. */
export type NamesIn<T extends string> = T extends `${string}{${infer Name}}${infer Rest}`
  ? Name | NamesIn<Rest>
  : never;

const PLACE = /\{(\w+)\}/g;
const numbers = new Map<Language, Intl.NumberFormat>();

/**
 * Returns the names in the braces of a template.
 *
 * ```ts
 * namesIn("{min} to {max}"); // ["min", "max"]
 * ```
 */
export function namesIn(template: string): readonly string[] {
  return [...new Set([...template.matchAll(PLACE)].map(([, name = ""]) => name))];
}

/**
 * Returns the template with its params, or undefined if one is missing. Numbers are grouped by the language; lists are
 * joined by commas.
 *
 * ```ts
 * fill("At most {max} characters.", { max: 1000 }, "en"); // "At most 1,000 characters."
 * fill("At most {max} characters.", {}, "en"); // undefined
 * ```
 */
export function fill(
  template: string,
  params: Readonly<Record<string, Param | bigint>>,
  language: Language,
): string | undefined {
  if (!namesIn(template).every((name) => Object.hasOwn(params, name))) return undefined;
  return template.replace(PLACE, (_, name: string) => show(params[name] ?? "", language));
}

function show(value: Param | bigint, language: Language): string {
  if (typeof value === "number" || typeof value === "bigint") return numberFormat(language).format(value);
  return typeof value === "object" ? value.join(", ") : String(value);
}

function numberFormat(language: Language): Intl.NumberFormat {
  const format = numbers.get(language) ?? new Intl.NumberFormat(language);
  numbers.set(language, format);
  return format;
}
