import * as z from "zod/mini";

/** Integers of arbitrary size are decimal strings in JSON. */
export const integer = z.codec(z.string().check(z.regex(/^-?\d+$/)), z.bigint(), { decode: BigInt, encode: String });

/** Times are ISO 8601 in JSON. */
export const instant = z.codec(z.iso.datetime(), z.date(), {
  decode: (text) => new Date(text),
  encode: (at) => at.toISOString(),
});
