import { candidatesFor, enteredCodes } from "../domain/candidates.ts";
import { type OrderPrice, priceOrder, unitPricesOf } from "../domain/price-lines.ts";
import type { PriceRequest } from "../domain/request.ts";
import { couponSubject, isCounted, NO_USES, promotionSubject } from "../domain/uses.ts";
import type { CouponStore, RuleStore, TaxProvider, UseStore } from "../ports.ts";

interface Deps {
  readonly rules: Pick<RuleStore, "known">;
  readonly coupons: Pick<CouponStore, "find">;
  readonly uses: Pick<UseStore, "counts">;
  readonly taxes: TaxProvider;
  readonly now: () => Date;
}

/**
 * Prices lines by the rules in memory. The database is queried only for coupon codes, for promotions with limits whose conditions hold, and for
 * VAT ids.
 *
 * @param customers the keys that uses of the customer are counted by
 */
export const priceLines =
  ({ rules, coupons, uses, taxes, now }: Deps) =>
  async (request: PriceRequest, customers: readonly string[]): Promise<OrderPrice> => {
    const at = now();
    const book = rules.known();
    const folded = [...enteredCodes(request.codes).keys()];
    const [quote, found] = await Promise.all([
      taxes.quote(request, at),
      folded.length > 0 ? coupons.find(folded) : Promise.resolve([]),
    ]);
    const byCode = new Map(found.map((coupon) => [coupon.folded, coupon]));
    const undiscounted = unitPricesOf(book.prices, quote, request, at);
    const { candidates, problems } = candidatesFor(book.promotions, byCode, undiscounted.goods, request, at);

    const subjects = candidates.flatMap(({ promotion, coupons: entered }) =>
      isCounted(promotion)
        ? [promotionSubject(promotion.id), ...entered.map(({ folded: code }) => couponSubject(code))]
        : [],
    );
    const { orderId: exceptOrder } = request;
    const counts = subjects.length > 0 ? await uses.counts({ subjects, customers, exceptOrder }) : NO_USES;
    const price = priceOrder(request, undiscounted, candidates, quote, { counts, customers });
    return { ...price, problems: [...problems, ...price.problems] };
  };
