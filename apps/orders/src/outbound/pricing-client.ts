import { isKontorError } from "@kontor/errors";
import type { RpcClient } from "@kontor/rpc";
import {
  type Discount,
  type PricedLine,
  type PriceProblem,
  PriceProblemKind,
  type TaxAmount,
} from "@kontor/shop/contracts/pricing/v1/price";
import type { PricingService } from "@kontor/shop/contracts/pricing/v1/pricing_service";
import { present } from "@kontor/text";
import type { PriceRequest, Pricing } from "../callees.ts";
import type { CartProblem } from "../domain/cart-problems.ts";
import type { Discount as Discounted, PartCharges, Tax } from "../domain/charges.ts";

/** Pricing over gRPC. */
export function pricingClient(pricing: RpcClient<typeof PricingService>): Pricing {
  return {
    async price(request) {
      const { lines, shipping, taxes, discounts, taxTreatment, problems, uses } = await pricing.priceLines(
        requestOf(request),
        { untilDeadline: true },
      );
      const missing = new Set(
        problems.flatMap(({ kind, lineId }) => (kind === PriceProblemKind.PRICE_MISSING ? (lineId ?? []) : [])),
      );
      return {
        unitPrices: lines.map((line) => (missing.has(line.id) ? undefined : (line.unitPrice?.minor ?? 0n))),
        charges: {
          taxIncluded: taxTreatment?.pricesIncludeTax ?? true,
          discounts: discounts.map(discountOf),
          taxes: taxes.map(taxOf),
          lines: lines.map(partOf),
          shipping: partOf(shipping ?? {}),
          uses: uses.map(({ promotionId, couponCode: code = "" }) => ({ promotionId, code })),
        },
        problems: problems.flatMap(problemsOf),
      };
    },

    async holdUses({ orderId, customer, uses }) {
      const taken = uses.map(({ promotionId, code }) => ({ promotionId, ...present({ couponCode: code }) }));
      try {
        await pricing.holdUses({ orderId, customer, uses: taken });
        return { status: "held" };
      } catch (error) {
        if (isKontorError(error, "USE_LIMIT_REACHED")) return { status: "used up" };
        throw error;
      }
    },

    async releaseUses(orderId) {
      await pricing.releaseUses({ orderId });
    },
  };
}

function requestOf({ currency, userId = "", email, destination, codes, lines, shipping, firstOrder }: PriceRequest) {
  const { country, region, postalCode: postcode } = destination;
  return {
    currency,
    ...(country !== "" && { destination: { country, region, postcode } }),
    customer: { userId, email: userId === "" ? email : "", ...(firstOrder !== undefined && { firstOrder }) },
    couponCodes: [...codes],
    lines: lines.map(({ productId, sku, quantity, basePrice, categoryIds, taxCategory }) => ({
      ...{ id: sku, productId, sku, quantity, categoryIds: [...categoryIds], taxCategoryId: taxCategory },
      unitPrice: basePrice,
    })),
    ...(shipping !== undefined && { shipping: { price: { currency, minor: shipping } } }),
  };
}

type Part = Partial<Pick<PricedLine, "discounts" | "net" | "gross" | "taxes" | "priceListName">>;

function partOf({ discounts = [], net, gross, taxes = [], priceListName = "" }: Part): PartCharges {
  return {
    discount: discounts.reduce((sum, { amount }) => sum + (amount?.minor ?? 0n), 0n),
    ...{ net: net?.minor ?? 0n, gross: gross?.minor ?? 0n, taxes: taxes.map(taxOf), reason: priceListName },
  };
}

function discountOf({ promotionId, name: title, couponCode: code = "", amount }: Discount): Discounted {
  return { promotionId, title, code, amount: amount?.minor ?? 0n };
}

const PPM_PER_PERCENT = 10_000;

function taxOf({ name = "", ppm, net, tax }: TaxAmount): Tax {
  return { name, rate: String(ppm / PPM_PER_PERCENT), net: net?.minor ?? 0n, amount: tax?.minor ?? 0n };
}

/** What is wrong with a promotion that no code queried for concerns the shopper only if it was cut. */
function problemsOf({ kind, couponCode: code = "", minimum }: PriceProblem): readonly CartProblem[] {
  if (kind === PriceProblemKind.UNSPECIFIED || kind === PriceProblemKind.PRICE_MISSING) return [];
  const reason = PriceProblemKind[kind];
  if (kind === PriceProblemKind.DISCOUNT_CUT) return [{ kind: "PROMOTION_LIMITED", reason }];
  if (code === "") return [];
  return [{ kind: "COUPON_NOT_APPLICABLE", code, reason, ...(minimum && { minimum }) }];
}
