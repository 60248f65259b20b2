import * as z from "zod/mini";
import type { Cart } from "../domain/cart.ts";
import { instant, integer } from "./stored-values.ts";

const { string } = z;
const choice = <S extends z.core.$ZodType>(value: S) => z.exactOptional(z.object({ value, at: instant }));
const street = { recipient: string(), line1: string(), line2: string(), city: string() };
const address = z.object({ ...street, postalCode: string(), region: string(), country: string() });

/** The content of a cart as it is stored. A new field must be optional: pods of the release before write without it. */
const cartShape = z.object({
  lines: z.readonly(
    z.array(
      z.object({
        productId: string(),
        sku: string(),
        title: string(),
        quantity: z.int(),
        seen: z.exactOptional(integer),
      }),
    ),
  ),
  choices: z.object({
    shippingAddress: choice(address),
    billingAddress: choice(address),
    shippingMethod: choice(string()),
    email: choice(string()),
    note: choice(string()),
  }),
  codes: z.readonly(z.array(string())),
  notices: z.readonly(z.array(z.object({ sku: string(), wanted: z.int(), kept: z.int() }))),
});

/** The content of a cart as JSON has it: amounts are decimal strings, times ISO 8601. */
export type StoredCart = z.input<typeof cartShape>;

type Content = Pick<Cart, "lines" | "choices" | "codes" | "notices">;

/** Returns the content of a cart as JSON. */
export function encodeCart({ lines, choices, codes, notices }: Content): string {
  const stored = lines.map(({ seen, ...line }) => ({ ...line, ...(seen !== undefined && { seen }) }));
  return JSON.stringify(z.encode(cartShape, { lines: stored, choices, codes, notices }));
}

/** Returns the content of a cart that {@link encodeCart} stored. */
export function decodeCart(stored: StoredCart): Content {
  const { lines, ...content } = z.decode(cartShape, stored);
  return { ...content, lines: lines.map((line) => ({ seen: undefined, ...line })) };
}
