import { create, type DescMessage, type MessageShape } from "@bufbuild/protobuf";
import type { Handlers } from "@kontor/rpc";
import { PriceListSchema } from "@kontor/shop/contracts/pricing/v1/price_list";
import type { PricingService } from "@kontor/shop/contracts/pricing/v1/pricing_service";
import { PromotionSchema } from "@kontor/shop/contracts/pricing/v1/promotion";
import { TaxCategorySchema, TaxRateSchema, TaxZoneSchema } from "@kontor/shop/contracts/pricing/v1/tax";
import type { createRule, updateRule } from "../commands/save-rule.ts";
import { promotionMessage, promotionOf } from "../contract/promotion-message.ts";
import {
  priceListMessage,
  priceListOf,
  taxCategoryMessage,
  taxCategoryOf,
  taxRateMessage,
  taxRateOf,
  taxZoneMessage,
  taxZoneOf,
} from "../contract/rule-messages.ts";
import { ruleChanges } from "../contract/rule-updates.ts";
import type { Promotion } from "../domain/promotion.ts";
import { promotionSubject } from "../domain/uses.ts";
import type { UseStore } from "../ports.ts";
import type { findRule, listRules } from "../queries/list-rules.ts";

interface Deps {
  readonly createRule: ReturnType<typeof createRule>;
  readonly updateRule: ReturnType<typeof updateRule>;
  readonly findRule: ReturnType<typeof findRule>;
  readonly listRules: ReturnType<typeof listRules>;
  readonly uses: Pick<UseStore, "counts">;
}

/** The RPCs of price lists, promotions and taxes, for staff. */
export function ruleHandlers(app: Deps) {
  async function usedPromotions(promotions: readonly Promotion[]) {
    const subjects = promotions.map(({ id }) => promotionSubject(id));
    const counts = await app.uses.counts({ subjects, customers: [] });
    return promotions.map((promotion) => ({
      ...promotionMessage(promotion),
      uses: BigInt(counts.of(promotionSubject(promotion.id), "")),
    }));
  }

  async function usedPromotion(promotion: Promotion) {
    const [message] = await usedPromotions([promotion]);
    return { ...(message && { promotion: message }) };
  }

  return {
    async createPriceList({ priceList }) {
      const list = priceListOf(complete(PriceListSchema, priceList));
      return { priceList: priceListMessage(await app.createRule("price-list", list)) };
    },
    async updatePriceList({ priceList, updateMask }) {
      const change = ruleChanges.priceList(priceList, updateMask);
      return { priceList: priceListMessage(await app.updateRule("price-list", change)) };
    },
    async getPriceList({ id }) {
      return { priceList: priceListMessage(await app.findRule("price-list", id)) };
    },
    async listPriceLists(request) {
      const { items, ...next } = await app.listRules("price-list", request);
      return { priceLists: items.map(priceListMessage), ...next };
    },
    async createPromotion({ promotion }) {
      return usedPromotion(await app.createRule("promotion", promotionOf(complete(PromotionSchema, promotion))));
    },
    async updatePromotion({ promotion, updateMask }) {
      return usedPromotion(await app.updateRule("promotion", ruleChanges.promotion(promotion, updateMask)));
    },
    async getPromotion({ id }) {
      return usedPromotion(await app.findRule("promotion", id));
    },
    async listPromotions(request) {
      const { items, ...next } = await app.listRules("promotion", request);
      return { promotions: await usedPromotions(items), ...next };
    },
    async createTaxZone({ taxZone }) {
      const zone = taxZoneOf(complete(TaxZoneSchema, taxZone));
      return { taxZone: taxZoneMessage(await app.createRule("tax-zone", zone)) };
    },
    async updateTaxZone({ taxZone, updateMask }) {
      const change = ruleChanges.taxZone(taxZone, updateMask);
      return { taxZone: taxZoneMessage(await app.updateRule("tax-zone", change)) };
    },
    async listTaxZones(request) {
      const { items, ...next } = await app.listRules("tax-zone", request);
      return { taxZones: items.map(taxZoneMessage), ...next };
    },
    async createTaxCategory({ taxCategory }) {
      const category = taxCategoryOf(complete(TaxCategorySchema, taxCategory));
      return { taxCategory: taxCategoryMessage(await app.createRule("tax-category", category)) };
    },
    async updateTaxCategory({ taxCategory, updateMask }) {
      const change = ruleChanges.taxCategory(taxCategory, updateMask);
      return { taxCategory: taxCategoryMessage(await app.updateRule("tax-category", change)) };
    },
    async listTaxCategories(request) {
      const { items, ...next } = await app.listRules("tax-category", request);
      return { taxCategories: items.map(taxCategoryMessage), ...next };
    },
    async createTaxRate({ taxRate }) {
      const rate = taxRateOf(complete(TaxRateSchema, taxRate));
      return { taxRate: taxRateMessage(await app.createRule("tax-rate", rate)) };
    },
    async updateTaxRate({ taxRate, updateMask }) {
      const change = ruleChanges.taxRate(taxRate, updateMask);
      return { taxRate: taxRateMessage(await app.updateRule("tax-rate", change)) };
    },
    async listTaxRates(request) {
      const { items, ...next } = await app.listRules("tax-rate", request);
      return { taxRates: items.map(taxRateMessage), ...next };
    },
  } satisfies Partial<Handlers<typeof PricingService>>;
}

/** Returns the resource of a request, which the contract requires. */
function complete<D extends DescMessage>(schema: D, message: MessageShape<D> | undefined): MessageShape<D> {
  return message ?? create(schema);
}
