import {
  addCode,
  type Cart,
  type Choice,
  type Choices,
  MAX_CODES,
  MAX_LINES,
  MAX_QUANTITY,
  type Notice,
} from "./cart.ts";

/**
 * Returns a cart with the content of another one added: quantities up to the limits, of each choice the newer one, and all codes that
 * fit. What is left out becomes notices. Lines in another currency than that of the cart are left out, too.
 */
export function mergeInto(cart: Cart, other: Cart): Cart {
  const currency = cart.currency || other.currency;
  const lines = new Map(cart.lines.map((line) => [line.sku, line]));
  const notices: Notice[] = [];
  for (const line of other.lines) {
    const known = lines.get(line.sku);
    const wanted = (known?.quantity ?? 0) + line.quantity;
    const fits = other.currency === currency && (known !== undefined || lines.size < MAX_LINES);
    const kept = fits ? Math.min(wanted, MAX_QUANTITY) : (known?.quantity ?? 0);
    if (kept < wanted) notices.push({ sku: line.sku, wanted, kept });
    if (kept > 0) lines.set(line.sku, { ...line, ...known, quantity: kept });
  }
  return {
    ...cart,
    currency,
    lines: [...lines.values()],
    choices: newerChoices(cart.choices, other.choices),
    codes: mergedCodes(cart, other),
    notices,
  };
}

function newerChoices(ours: Cart["choices"], theirs: Cart["choices"]): Cart["choices"] {
  const merged: Record<string, Choice<Choices[keyof Choices]>> = { ...ours };
  for (const [name, choice] of Object.entries(theirs)) {
    const known = merged[name];
    if (known === undefined || choice.at > known.at) merged[name] = choice;
  }
  return merged;
}

function mergedCodes(cart: Cart, other: Cart): readonly string[] {
  return other.codes.reduce((sum, code) => (sum.codes.length < MAX_CODES ? addCode(sum, code) : sum), cart).codes;
}
