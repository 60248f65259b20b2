import { timestampDate, timestampFromDate } from "@bufbuild/protobuf/wkt";
import { invalid, violation } from "@kontor/errors";
import type { Handlers } from "@kontor/rpc";
import type { CreateCouponsRequest, PricingService } from "@kontor/shop/contracts/pricing/v1/pricing_service";
import { readText } from "@kontor/text";
import type { createCoupons, WantedCoupons } from "../commands/create-coupons.ts";
import { moneyMessage } from "../contract/amounts.ts";
import { couponMessage } from "../contract/coupon-message.ts";
import { editCoupon } from "../contract/rule-updates.ts";
import { isVatId } from "../contract/vat-id-format.ts";
import { foldCode } from "../domain/coupon.ts";
import { foldVatId } from "../domain/vat-id.ts";
import type { CouponStore, RuleStore, VatChecks } from "../ports.ts";
import type { findCoupon, listCoupons } from "../queries/list-coupons.ts";
import type { listPrices } from "../queries/list-prices.ts";

interface Deps {
  readonly rules: Pick<RuleStore, "setPrices" | "removePrices">;
  readonly listPrices: ReturnType<typeof listPrices>;
  readonly createCoupons: ReturnType<typeof createCoupons>;
  readonly coupons: Pick<CouponStore, "change">;
  readonly findCoupon: ReturnType<typeof findCoupon>;
  readonly listCoupons: ReturnType<typeof listCoupons>;
  readonly vatChecks: Pick<VatChecks, "record">;
  readonly now: () => Date;
}

const DEFAULT_CODE_LENGTH = 12;
const SHORTEST_GENERATED = 8;

/** The RPCs of list prices, coupons and VAT ids, for staff. */
export function staffHandlers(app: Deps) {
  return {
    async setPrices({ priceListId, prices }) {
      const listed = prices.map(({ sku, minQuantity, price }) => ({
        ...{ priceListId, sku, minQuantity: Math.max(1, minQuantity) },
        ...{ currency: price?.currency ?? "", minor: price?.minor ?? 0n },
      }));
      await app.rules.setPrices(priceListId, listed);
      return {};
    },
    async removePrices({ priceListId, skus }) {
      await app.rules.removePrices(priceListId, skus);
      return {};
    },
    async listPrices({ priceListId, ...request }) {
      const { items, ...next } = await app.listPrices(priceListId, request);
      const prices = items.map(({ sku, minQuantity, currency, minor }) => ({
        ...{ sku, minQuantity },
        price: moneyMessage(currency, minor),
      }));
      return { prices, ...next };
    },
    async createCoupons(request, call) {
      const wanted = wantedCoupons(request);
      return { codes: [...(await app.createCoupons(wanted, { call, validate: () => call.validate() }))] };
    },
    async updateCoupon({ coupon, updateMask }) {
      const edit = editCoupon(coupon, updateMask);
      return { coupon: couponMessage(await app.coupons.change(foldCode(coupon?.code ?? ""), edit)) };
    },
    async getCoupon({ code }) {
      return { coupon: couponMessage(await app.findCoupon(code)) };
    },
    async listCoupons({ promotionId, ...request }) {
      const { items, ...next } = await app.listCoupons(promotionId, request);
      return { coupons: items.map(couponMessage), ...next };
    },
    async recordVatCheck({ vatId: text, valid, consultationNumber: number }) {
      const vatId = foldVatId(text);
      if (!isVatId(vatId))
        throw invalid([violation("vatId", "WRONG_FORMAT", { example: "ATU13585627" })], "pricing.shop");
      const consultationNumber = readText(number);
      const checkedAt = app.now();
      const check = { vatId, valid, ...(consultationNumber !== "" && { consultationNumber }) };
      await app.vatChecks.record({ ...check, checkedAt });
      return { vatCheck: { ...check, checkedAt: timestampFromDate(checkedAt) } };
    },
  } satisfies Partial<Handlers<typeof PricingService>>;
}

function wantedCoupons({ generate, validUntil, ...request }: CreateCouponsRequest): WantedCoupons {
  const { promotionId, maxUses, maxUsesPerCustomer, reference } = request;
  const { count = 0, prefix = "", length = 0 } = generate ?? {};
  const longEnough = length === 0 ? DEFAULT_CODE_LENGTH : Math.max(length, SHORTEST_GENERATED);
  return {
    ...{ promotionId, maxUses, maxUsesPerCustomer, reference },
    codes: request.codes.map(readText),
    ...(validUntil && { validUntil: timestampDate(validUntil) }),
    ...(generate && { generate: { count, prefix, length: longEnough } }),
  };
}
