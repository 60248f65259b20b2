import { type Implementation, implement } from "@kontor/rpc";
import { PricingService } from "@kontor/shop/contracts/pricing/v1/pricing_service";
import { customerKeys } from "../contract/customer-keys.ts";
import { priceMessage } from "../contract/price-message.ts";
import { customerOf, priceRequestOf } from "../contract/price-request.ts";
import { foldCode } from "../domain/coupon.ts";
import type { UseStore } from "../ports.ts";
import type { priceLines } from "../queries/price-lines.ts";
import { ruleHandlers } from "./rule-handlers.ts";
import { staffHandlers } from "./staff-handlers.ts";

type Deps = {
  readonly priceLines: ReturnType<typeof priceLines>;
  readonly uses: Pick<UseStore, "hold" | "release">;
} & Parameters<typeof ruleHandlers>[0] &
  Parameters<typeof staffHandlers>[0];

/** PricingService over gRPC. */
export function pricingService(app: Deps): Implementation {
  return implement(PricingService, {
    ...ruleHandlers(app),
    ...staffHandlers(app),
    async priceLines(message) {
      const request = priceRequestOf(message);
      return priceMessage(await app.priceLines(request, customerKeys(request.customer)), request.currency);
    },
    async holdUses({ orderId, customer, uses }) {
      const taken = uses.map(({ promotionId, couponCode = "" }) => ({
        promotionId,
        ...(couponCode !== "" && { coupon: foldCode(couponCode) }),
      }));
      await app.uses.hold({ orderId, uses: taken, customers: customerKeys(customerOf(customer)) });
      return {};
    },
    async releaseUses({ orderId }) {
      return { released: await app.uses.release(orderId) };
    },
  });
}
