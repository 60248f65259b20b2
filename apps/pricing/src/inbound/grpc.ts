import { type Implementation, implement } from "@kontor/rpc";
import { PricingService } from "@kontor/shop/contracts/pricing/v1/pricing_service";

const unfinished = async (): Promise<object> => {
  throw new Error("The RPC has no handler yet.");
};

/** PricingService over gRPC. */
export function pricingService(): Implementation {
  return implement(PricingService, {
    priceLines: unfinished,
    holdUses: unfinished,
    releaseUses: unfinished,
    createPriceList: unfinished,
    updatePriceList: unfinished,
    getPriceList: unfinished,
    listPriceLists: unfinished,
    setPrices: unfinished,
    removePrices: unfinished,
    listPrices: unfinished,
    createPromotion: unfinished,
    updatePromotion: unfinished,
    getPromotion: unfinished,
    listPromotions: unfinished,
    createCoupons: unfinished,
    updateCoupon: unfinished,
    getCoupon: unfinished,
    listCoupons: unfinished,
    createTaxZone: unfinished,
    updateTaxZone: unfinished,
    listTaxZones: unfinished,
    createTaxCategory: unfinished,
    updateTaxCategory: unfinished,
    listTaxCategories: unfinished,
    createTaxRate: unfinished,
    updateTaxRate: unfinished,
    listTaxRates: unfinished,
    recordVatCheck: unfinished,
  });
}
