import type { Pricing } from "../src/callees.ts";
import { plainCharges } from "../src/domain/charges.ts";

/** Prices without rules: what the catalog and shipping say. */
export const plainPricing: Pricing = {
  async price({ currency, lines, shipping = 0n }) {
    const unitPrices = lines.map(({ basePrice }) => (basePrice.currency === currency ? basePrice.minor : undefined));
    const totals = lines.map(({ quantity }, index) => (unitPrices[index] ?? 0n) * BigInt(quantity));
    return { unitPrices, charges: plainCharges(totals, shipping), problems: [] };
  },
  holdUses: async () => ({ status: "held" }),
  releaseUses: async () => undefined,
};
