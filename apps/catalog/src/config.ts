import { list, type Setting } from "@kontor/config";
import { isCurrency } from "@kontor/money";

/** Settings of the catalog, next to those of every service. */
export const settings = {
  currencies: currencies("CURRENCIES", {
    default: ["EUR"],
    doc: "Currencies of the shop, the main one first. Products in others cannot be published. Prices are filtered and sorted within one currency, by default the first.",
  }),
};

function currencies(variable: string, options: Parameters<typeof list>[1]): Setting<readonly string[]> {
  const setting = list(variable, options);
  return {
    ...setting,
    holds: "ISO 4217 codes separated by commas, such as EUR,CHF",
    parse(raw) {
      const parsed = setting.parse(raw);
      const unknown = "value" in parsed ? parsed.value.find((code) => !isCurrency(code)) : undefined;
      if (unknown !== undefined) return { problem: `names ${unknown}, which is not an ISO 4217 code` };
      return "value" in parsed && parsed.value.length === 0 ? { problem: "names no currency" } : parsed;
    },
  };
}
