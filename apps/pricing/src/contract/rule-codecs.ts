import {
  create,
  type DescMessage,
  fromJson,
  type JsonValue,
  type MessageInitShape,
  type MessageShape,
  toJson,
} from "@bufbuild/protobuf";
import type { RuleChangedSchema } from "@kontor/shop/contracts/pricing/v1/events";
import { PriceListSchema } from "@kontor/shop/contracts/pricing/v1/price_list";
import { PromotionSchema } from "@kontor/shop/contracts/pricing/v1/promotion";
import { TaxCategorySchema, TaxRateSchema, TaxZoneSchema } from "@kontor/shop/contracts/pricing/v1/tax";
import type { RuleKind, RuleOf } from "../domain/rule-book.ts";
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

type Changed = NonNullable<MessageInitShape<typeof RuleChangedSchema>["rule"]>;

/** How rules of one kind are stored and published: as the message of the contract. */
export interface RuleCodec<R> {
  /** Returns the message as JSON. */
  encode(rule: R): object;
  /** Reads what any version stored; fields of a later one are ignored. */
  decode(body: JsonValue): R;
  /** Returns the rule as RuleChanged has it. */
  changed(rule: R): Changed;
}

/** The codecs of all kinds of rules. */
export const ruleCodecs: { readonly [K in RuleKind]: RuleCodec<RuleOf[K]> } = {
  "price-list": codec(PriceListSchema, priceListMessage, priceListOf, (value) => ({ case: "priceList", value })),
  promotion: codec(PromotionSchema, promotionMessage, promotionOf, (value) => ({ case: "promotion", value })),
  "tax-zone": codec(TaxZoneSchema, taxZoneMessage, taxZoneOf, (value) => ({ case: "taxZone", value })),
  "tax-category": codec(TaxCategorySchema, taxCategoryMessage, taxCategoryOf, (value) => ({
    case: "taxCategory",
    value,
  })),
  "tax-rate": codec(TaxRateSchema, taxRateMessage, taxRateOf, (value) => ({ case: "taxRate", value })),
};

function codec<D extends DescMessage, R>(
  schema: D,
  messageOf: (rule: R) => MessageInitShape<D>,
  ruleOf: (message: MessageShape<D>) => R,
  changed: (message: MessageInitShape<D>) => Changed,
): RuleCodec<R> {
  return {
    encode: (rule) => Object(toJson(schema, create(schema, messageOf(rule)))),
    decode: (body) => ruleOf(fromJson(schema, body, { ignoreUnknownFields: true })),
    changed: (rule) => changed(messageOf(rule)),
  };
}
