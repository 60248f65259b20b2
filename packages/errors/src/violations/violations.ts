import type { Language } from "../language.ts";
import { fill, type NamesIn, namesIn, type Param, type Params } from "../template.ts";
import { de } from "./texts-de.ts";
import { en, type ViolationTexts } from "./texts-en.ts";

/** The violations of a field. The codes are public and stable: clients branch on them. */
export type ViolationCode = keyof typeof en;

type ParamsOf<C extends ViolationCode> = [NamesIn<(typeof en)[C]>] extends [never]
  ? []
  : [params: Readonly<Record<NamesIn<(typeof en)[C]>, Param | bigint>>];

/** One thing that is wrong with one field of a request. */
export interface FieldViolation {
  /** Path of the field in the request as JSON names it, such as `items[0].quantity`. */
  readonly field: string;
  /** The violation, as an English sentence. */
  readonly description: string;
  /** The violation, as a {@link ViolationCode}; foreign services have other codes. */
  readonly code?: string;
  /** The facts of the rule, such as `{ max: 200 }`. */
  readonly params?: Params;
}

const texts: Readonly<Record<Language, ViolationTexts>> = { en, de };

/** Every code with the names of its parameters and its English text, in alphabetical order. */
export const VIOLATIONS: readonly { code: ViolationCode; params: readonly string[]; text: string }[] = (
  Object.keys(en) as ViolationCode[]
).map((code) => ({ code, params: namesIn(en[code]), text: en[code] }));

/**
 * Returns a violation of a field: `violation("reason", "TOO_LONG", { max: 500 })`. A code or a parameter that is not in the
 * catalogue does not compile.
 *
 * ```ts
 * violation("items[0].quantity", "OUT_OF_RANGE", { min: 1, max: 1000 });
 * ```
 */
export function violation<C extends ViolationCode>(field: string, code: C, ...[given]: ParamsOf<C>): FieldViolation {
  const params: Record<string, Param> = {};
  for (const [name, value] of Object.entries<Param | bigint>(given ?? {})) params[name] = plain(value);
  return { field, code, params, description: violationText(code, params, "en") ?? code };
}

/** Returns the number, or its digits if JSON numbers would round it. */
function plain(value: Param | bigint): Param {
  if (typeof value !== "bigint") return value;
  return Number.isSafeInteger(Number(value)) ? Number(value) : String(value);
}

/**
 * Returns the text of a violation, or undefined if the code is not in the catalogue or lacks a parameter.
 *
 * ```ts
 * violationText("TOO_LONG", { max: 500 }, "de");
 * ```
 */
export function violationText(code: string, params: Params, language: Language): string | undefined {
  return Object.hasOwn(en, code) ? fill(texts[language][code as ViolationCode], params, language) : undefined;
}
