import type { Handlers } from "@kontor/rpc";
import type { PricingService } from "@kontor/shop/contracts/pricing/v1/pricing_service";
import { customerKeys } from "../contract/customer-keys.ts";
import { priceMessage } from "../contract/price-message.ts";
import { customerOf, priceRequestOf } from "../contract/price-request.ts";
import { foldCode } from "../domain/coupon.ts";
import type { UseStore } from "../ports.ts";
import type { priceLines } from "../queries/price-lines.ts";

interface Deps {
  readonly priceLines: ReturnType<typeof priceLines>;
  readonly uses: Pick<UseStore, "hold" | "release">;
}

/** The RPCs that orders call. */
export function priceHandlers(app: Deps) {
  return {
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
  } satisfies Partial<Handlers<typeof PricingService>>;
}
