import type { Code } from "./code.ts";
import { type ErrorDetail, KontorError, type Translations } from "./error.ts";
import { fill } from "./template.ts";

/** A value an error may state as a fact; on the wire it is a string. */
export type Fact = string | number | bigint | boolean;

/**
 * One entry of a catalogue. `message` is an English sentence, or a function of the facts the error must be given. `de` is the
 * same in German, with the names of facts in braces.
 */
export interface ErrorDefinition {
  /** The code of gRPC, which decides the HTTP status and whether callers retry. */
  readonly code: Code;
  /** The sentence in English. A function names the facts that the error must be given. */
  readonly message: string | ((facts: never) => string);
  /** The sentence in German, with the names of facts in braces. Absent: English is shown. */
  readonly de?: string | ((facts: never) => string);
}

/** The options of any error. */
interface Circumstances {
  readonly cause?: unknown;
  readonly retryAfterMs?: number;
  readonly details?: readonly ErrorDetail[];
}

interface Described {
  readonly code: Code;
  readonly reason: string;
  readonly domain: string;
}

/** Makes one kind of error. Facts are demanded exactly as the definition's message declares them. */
export type ErrorFactory<D extends ErrorDefinition> = Described &
  (D["message"] extends (...facts: infer F) => string
    ? F extends [infer Facts]
      ? (facts: Facts, circumstances?: Circumstances) => KontorError
      : (circumstances?: Circumstances) => KontorError
    : (circumstances?: Circumstances) => KontorError);

/** The errors of one domain, keyed by their public reason. */
export type ErrorCatalogue<C extends Record<string, ErrorDefinition>> = {
  readonly [R in keyof C]: ErrorFactory<C[R]>;
};

/**
 * Defines the errors of a domain. The key is the public reason, the facts become metadata, and a missing or misspelt fact
 * does not compile.
 *
 * ```ts
 * const orderErrors = defineErrors("orders.shop", {
 *   ORDER_NOT_FOUND: { code: "NOT_FOUND", message: (f: { orderId: string }) => `Order ${f.orderId} does not exist.` },
 *   CART_EMPTY: { code: "FAILED_PRECONDITION", message: "The cart is empty." },
 * });
 * throw orderErrors.ORDER_NOT_FOUND({ orderId: "o-1" });
 * ```
 */
export function defineErrors<const C extends Record<string, ErrorDefinition>>(
  domain: string,
  catalogue: C,
): ErrorCatalogue<C> {
  const factories = Object.entries(catalogue).map(([reason, definition]) => [
    reason,
    factory(domain, reason, definition),
  ]);
  return Object.fromEntries(factories) as ErrorCatalogue<C>;
}

function factory(domain: string, reason: string, { code, message, de = "" }: ErrorDefinition) {
  const inGerman = (facts: Readonly<Record<string, Fact>>): Translations => {
    const text = typeof de === "string" ? fill(de, facts, "de") : (de as (f: object) => string)(facts);
    return text ? { de: text } : {};
  };
  const described: Described = { code, reason, domain };
  const withFacts = (facts: Readonly<Record<string, Fact>>, circumstances?: Circumstances) =>
    new KontorError({
      ...described,
      ...circumstances,
      metadata: strings(facts),
      translations: inGerman(facts),
      message: (message as (f: object) => string)(facts),
    });
  const withoutFacts = (circumstances?: Circumstances) =>
    new KontorError({
      ...described,
      ...circumstances,
      translations: inGerman({}),
      message: typeof message === "string" ? message : (message as () => string)(),
    });
  return Object.assign(typeof message === "function" && message.length > 0 ? withFacts : withoutFacts, described);
}

function strings(facts: Readonly<Record<string, Fact>>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(facts)
      .filter(([, fact]) => fact !== undefined)
      .map(([name, fact]) => [name, String(fact)]),
  );
}
