import { create, type DescMessage, type MessageInitShape, type MessageShape } from "@bufbuild/protobuf";
import type { FieldMask } from "@bufbuild/protobuf/wkt";
import { defineUpdate, type Update } from "@kontor/rpc";
import { PriceListSchema } from "@kontor/shop/contracts/pricing/v1/price_list";
import { CouponSchema, PromotionSchema } from "@kontor/shop/contracts/pricing/v1/promotion";
import { TaxCategorySchema, TaxRateSchema, TaxZoneSchema } from "@kontor/shop/contracts/pricing/v1/tax";
import type { RuleChange } from "../commands/save-rule.ts";
import { couponMessage, couponOf } from "./coupon-message.ts";
import { promotionMessage, promotionOf } from "./promotion-message.ts";
import {
  priceListMessage,
  priceListOf,
  taxCategoryMessage,
  taxCategoryOf,
  taxRateMessage,
  taxRateOf,
  taxZoneMessage,
  taxZoneOf,
} from "./rule-messages.ts";

const domain = "pricing.shop";
const preconditions = ["version"] as const;
const times = ["validFrom", "validUntil"] as const;

/** Reads what a request changes of a stored value. */
type ReadEdit<D extends DescMessage, R> = (
  message: MessageShape<D> | undefined,
  mask: FieldMask | undefined,
) => (stored: R) => R;

function editing<D extends DescMessage, R>(
  schema: D,
  update: Pick<Update<D, never>, "read">,
  messageOf: (rule: R) => MessageInitShape<D>,
  ruleOf: (message: MessageShape<D>) => R,
): ReadEdit<D, R> {
  return (message, mask) => {
    const changesOf = update.read(message, mask);
    return (stored) => {
      const before = messageOf(stored);
      return ruleOf(Object.assign(create(schema, before), changesOf(before)));
    };
  };
}

const editPriceList = editing(
  PriceListSchema,
  defineUpdate(PriceListSchema, {
    resource: "priceList",
    domain,
    preconditions,
    changeable: ["name", "customerGroups", "channels", ...times, "inactive"],
  }),
  priceListMessage,
  priceListOf,
);
const editPromotion = editing(
  PromotionSchema,
  defineUpdate(PromotionSchema, {
    resource: "promotion",
    domain,
    preconditions,
    changeable: [
      ...(["name", "priority", "exclusive", "couponRequired", "selection", "minQuantity", "minimumTotals"] as const),
      ...(["customerGroups", "channels", "firstOrder", "maxUses", "maxUsesPerCustomer", "action", "inactive"] as const),
      ...times,
    ],
  }),
  promotionMessage,
  promotionOf,
);
const editZone = editing(
  TaxZoneSchema,
  defineUpdate(TaxZoneSchema, {
    resource: "taxZone",
    domain,
    preconditions,
    changeable: [
      ...(["name", "areas", "pricesIncludeTax", "home", "keepPrice"] as const),
      ...(["vatPrefix", "shippingCategoryId", "inactive"] as const),
    ],
  }),
  taxZoneMessage,
  taxZoneOf,
);
const editCategory = editing(
  TaxCategorySchema,
  defineUpdate(TaxCategorySchema, {
    resource: "taxCategory",
    domain,
    preconditions,
    changeable: ["name", "productIds", "categoryIds"],
  }),
  taxCategoryMessage,
  taxCategoryOf,
);
const editRate = editing(
  TaxRateSchema,
  defineUpdate(TaxRateSchema, {
    resource: "taxRate",
    domain,
    preconditions,
    changeable: ["name", "ppm", ...times, "inactive"],
  }),
  taxRateMessage,
  taxRateOf,
);

/** Reads what UpdateCoupon changes. */
export const editCoupon = editing(
  CouponSchema,
  defineUpdate(CouponSchema, {
    resource: "coupon",
    domain,
    preconditions: ["code"], // It finds the coupon in any of its spellings.
    changeable: ["maxUses", "maxUsesPerCustomer", "validUntil", "inactive"],
  }),
  couponMessage,
  couponOf,
);

type Resource = { readonly id: string; readonly version: number };

function changing<D extends DescMessage, R>(read: ReadEdit<D, R>) {
  return (message: (MessageShape<D> & Resource) | undefined, mask: FieldMask | undefined): RuleChange<R> => ({
    id: message?.id ?? "",
    seenVersion: message?.version ?? 0,
    edit: read(message, mask),
  });
}

/** Read what update RPCs change of each kind of rules. */
export const ruleChanges = {
  priceList: changing(editPriceList),
  promotion: changing(editPromotion),
  taxZone: changing(editZone),
  taxCategory: changing(editCategory),
  taxRate: changing(editRate),
};
