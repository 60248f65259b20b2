import { JsonError, type JsonProblem, misfit } from "./json-error.ts";
import { parsePlainJson } from "./plain-json.ts";

/** A parsed JSON value. Objects have only own properties; a number that a double would change becomes an {@link ExactNumber}. */
export type Json = null | boolean | number | string | ExactNumber | readonly Json[] | JsonObject;

/** A JSON object. */
export interface JsonObject {
  readonly [key: string]: Json;
}

/** A number whose text is more exact than a double. */
export class ExactNumber {
  readonly text: string;
  constructor(text: string) {
    this.text = text;
  }
}

/** The limits of parsed JSON. */
export interface JsonLimits {
  /** How deep arrays and objects may nest. Default: 100. */
  readonly maxDepth: number;
  /** How many values there may be in all, each array and object one of them. Default: 200,000. */
  readonly maxValues: number;
}

/** The bounds unless others are given. */
export const defaultJsonLimits: JsonLimits = { maxDepth: 100, maxValues: 200_000 };

const utf8 = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });
const number = /-?(?:0|[1-9]\d*)(\.\d+)?([eE][+-]?\d+)?/y;
// biome-ignore lint/suspicious/noControlCharactersInRegex: JSON forbids them in strings
const plain = /[^"\\\u0000-\u001f]*/y;
const space = /[ \t\n\r]*/y;
const escapes: Readonly<Record<string, string>> = {
  '"': '"',
  "\\": "\\",
  "/": "/",
  b: "\b",
  f: "\f",
  n: "\n",
  r: "\r",
  t: "\t",
};

/**
 * Parses JSON text as RFC 8259 and I-JSON define it: one value, no byte order mark, no duplicate keys, no lone surrogates.
 *
 * @throws JsonError with a pointer to the place
 */
export function parseStrictJson(bytes: Uint8Array, limits: JsonLimits = defaultJsonLimits): Json {
  const plain = parsePlainJson(bytes, limits);
  if (plain !== undefined) return plain as Json;
  let text: string;
  try {
    text = utf8.decode(bytes);
  } catch (cause) {
    throw new JsonError({ code: "NOT_UTF8", params: undefined }, undefined, { isSyntax: true, cause });
  }
  return new Parser(text, limits).document();
}

/** Returns whether a value is a JSON object. */
export function isJsonObject(json: unknown): json is JsonObject {
  return typeof json === "object" && json !== null && !Array.isArray(json) && !(json instanceof ExactNumber);
}

/** Appends a step to an RFC 6901 pointer. */
export function pointerTo(pointer: string, step: string | number): string {
  if (typeof step === "number" || !/[~/]/.test(step)) return `${pointer}/${step}`;
  return `${pointer}/${step.replaceAll("~", "~0").replaceAll("/", "~1")}`;
}

class Parser {
  readonly #text: string;
  readonly #limits: JsonLimits;
  #at = 0;
  #depth = 0;
  #values = 0;

  constructor(text: string, limits: JsonLimits) {
    this.#text = text;
    this.#limits = limits;
  }

  document(): Json {
    if (this.#text.startsWith("\ufeff")) this.#fail("", "BYTE_ORDER_MARK");
    const value = this.#value("");
    this.#skip(space);
    if (this.#at < this.#text.length) this.#fail("", "TRAILING");
    return value;
  }

  #value(pointer: string): Json {
    if (++this.#values > this.#limits.maxValues) this.#fail(pointer, "TOO_MANY_VALUES");
    this.#skip(space);
    switch (this.#text[this.#at]) {
      case "{":
        return this.#nested(pointer, () => this.#object(pointer));
      case "[":
        return this.#nested(pointer, () => this.#array(pointer));
      case '"':
        return this.#string(pointer);
      case "t":
        return this.#word("true", true, pointer);
      case "f":
        return this.#word("false", false, pointer);
      case "n":
        return this.#word("null", null, pointer);
      default:
        return this.#number(pointer);
    }
  }

  #nested<T>(pointer: string, read: () => T): T {
    if (++this.#depth > this.#limits.maxDepth) this.#fail(pointer, "TOO_DEEP");
    this.#at++;
    const value = read();
    this.#depth--;
    return value;
  }

  #object(pointer: string): JsonObject {
    const object: Record<string, Json> = Object.create(null);
    if (this.#take("}")) return object;
    do {
      this.#skip(space);
      if (this.#text[this.#at] !== '"') this.#fail(pointer, "KEY");
      const key = this.#string(pointer);
      const child = pointerTo(pointer, key);
      if (key in object) throw misfit(child, "DUPLICATE");
      if (!this.#take(":")) this.#fail(child, "COLON");
      object[key] = this.#value(child);
    } while (this.#take(","));
    if (!this.#take("}")) this.#fail(pointer, "CLOSING_BRACE");
    return object;
  }

  #array(pointer: string): Json[] {
    const array: Json[] = [];
    if (this.#take("]")) return array;
    do array.push(this.#value(pointerTo(pointer, array.length)));
    while (this.#take(","));
    if (!this.#take("]")) this.#fail(pointer, "CLOSING_BRACKET");
    return array;
  }

  #string(pointer: string): string {
    this.#at++;
    let value = this.#skip(plain);
    for (;;) {
      const char = this.#text[this.#at++];
      if (char === '"') break;
      if (char !== "\\") this.#fail(pointer, "STRING");
      value += this.#escape(pointer) + this.#skip(plain);
    }
    if (!value.isWellFormed()) this.#fail(pointer, "SURROGATE");
    return value;
  }

  #escape(pointer: string): string {
    const char = this.#text[this.#at++] ?? "";
    if (char === "u") {
      const hex = this.#text.slice(this.#at, this.#at + 4);
      if (!/^[0-9A-Fa-f]{4}$/.test(hex)) this.#fail(pointer, "UNICODE_ESCAPE");
      this.#at += 4;
      return String.fromCharCode(Number.parseInt(hex, 16));
    }
    return escapes[char] ?? this.#fail(pointer, "ESCAPE");
  }

  #number(pointer: string): number | ExactNumber {
    number.lastIndex = this.#at;
    const match = number.exec(this.#text);
    if (match === null) return this.#fail(pointer, this.#at < this.#text.length ? "VALUE" : "END");
    this.#at = number.lastIndex;
    const value = Number(match[0]);
    const isInteger = match[1] === undefined && match[2] === undefined;
    if (isInteger ? Number.isSafeInteger(value) : !Number.isInteger(value) && Number.isFinite(value)) return value;
    return new ExactNumber(match[0]);
  }

  #word<T>(word: string, value: T, pointer: string): T {
    if (!this.#text.startsWith(word, this.#at)) this.#fail(pointer, "VALUE");
    this.#at += word.length;
    return value;
  }

  #take(char: string): boolean {
    this.#skip(space);
    if (this.#text[this.#at] !== char) return false;
    this.#at++;
    return true;
  }

  #skip(pattern: RegExp): string {
    pattern.lastIndex = this.#at;
    pattern.exec(this.#text);
    const skipped = this.#text.slice(this.#at, pattern.lastIndex);
    this.#at = pattern.lastIndex;
    return skipped;
  }

  #fail(pointer: string, problem: JsonProblem): never {
    const params = { position: this.#at, problem };
    throw new JsonError({ code: "MALFORMED_JSON", params }, pointer, { isSyntax: true });
  }
}
