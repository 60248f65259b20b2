import type { MessageInitShape } from "@bufbuild/protobuf";
import {
  DiscountTarget,
  type Promotion as Message,
  type PromotionAction,
  type PromotionActionSchema,
  type PromotionSchema,
  type Selection as SelectionMessage,
} from "@kontor/shop/contracts/pricing/v1/promotion";
import { readText } from "@kontor/text";
import type { Action, Promotion, Selection, DiscountTarget as Target } from "../domain/promotion.ts";
import { amountMessages, amountsOf, windowMessage, windowOf } from "./amounts.ts";

const FREE = 1_000_000;

/** Returns the message of a promotion. */
export function promotionMessage(promotion: Promotion): MessageInitShape<typeof PromotionSchema> {
  const { groups, channels, validFrom, validUntil, minimumTotals, selection, action, ...same } = promotion;
  return {
    ...same,
    ...windowMessage(promotion),
    ...(selection && { selection: selectionMessage(selection) }),
    customerGroups: [...groups],
    channels: [...channels],
    minimumTotals: amountMessages(minimumTotals),
    action: { kind: kindMessage(action) },
  };
}

/** Returns the promotion of a message. */
export function promotionOf(message: Message): Promotion {
  const { id, priority, exclusive, couponRequired, minQuantity, firstOrder, maxUses, inactive, version } = message;
  return {
    ...{ id, priority, exclusive, couponRequired, minQuantity, firstOrder, maxUses, inactive, version },
    ...windowOf(message),
    ...(message.selection && { selection: selectionOf(message.selection) }),
    name: readText(message.name),
    groups: message.customerGroups,
    channels: message.channels,
    minimumTotals: amountsOf(message.minimumTotals),
    maxUsesPerCustomer: message.maxUsesPerCustomer,
    action: actionOf(message.action),
  };
}

function selectionMessage({ productIds, categoryIds, skus }: Selection) {
  return { productIds: [...productIds], categoryIds: [...categoryIds], skus: [...skus] };
}

function selectionOf({ productIds, categoryIds, skus }: SelectionMessage): Selection {
  return { productIds, categoryIds, skus };
}

type Kind = NonNullable<MessageInitShape<typeof PromotionActionSchema>["kind"]>;

function kindMessage(action: Action): Kind {
  switch (action.type) {
    case "percent":
      return { case: "percentOff", value: { ppm: action.ppm, target: TARGETS[action.target] } };
    case "amount":
      return {
        case: "amountOff",
        value: { amounts: amountMessages(action.amounts), target: TARGETS[action.target] },
      };
    case "buy-x-get-y": {
      const { buy, get, ppm, maxTimes, getSelection } = action;
      const got = getSelection && { getSelection: selectionMessage(getSelection) };
      return { case: "buyXGetY", value: { buy, get, ppm: ppm === FREE ? 0 : ppm, maxTimes, ...got } };
    }
    case "bundle": {
      const items = action.items.map(({ selection, quantity }) => ({
        selection: selectionMessage(selection),
        quantity,
      }));
      return { case: "bundle", value: { items, prices: amountMessages(action.prices), maxTimes: action.maxTimes } };
    }
  }
}

function actionOf(message: PromotionAction | undefined): Action {
  const kind = message?.kind;
  switch (kind?.case) {
    case "percentOff":
      return { type: "percent", ppm: kind.value.ppm, target: targetOf(kind.value.target) };
    case "amountOff":
      return { type: "amount", amounts: amountsOf(kind.value.amounts), target: targetOf(kind.value.target) };
    case "buyXGetY": {
      const { buy, get, ppm, maxTimes, getSelection } = kind.value;
      const got = getSelection && { getSelection: selectionOf(getSelection) };
      return { type: "buy-x-get-y", buy, get, ppm: ppm || FREE, maxTimes, ...got };
    }
    case "bundle": {
      const nothing = { productIds: [], categoryIds: [], skus: [] };
      const items = kind.value.items.map(({ selection, quantity }) => ({
        selection: selection ? selectionOf(selection) : nothing,
        quantity,
      }));
      return { type: "bundle", items, prices: amountsOf(kind.value.prices), maxTimes: kind.value.maxTimes };
    }
    default:
      throw new Error(`The promotion has an action of the unknown kind ${kind?.case}.`);
  }
}

const TARGETS = {
  order: DiscountTarget.ORDER,
  lines: DiscountTarget.LINES,
  shipping: DiscountTarget.SHIPPING,
} as const satisfies Record<Target, DiscountTarget>;

function targetOf(target: DiscountTarget): Target {
  switch (target) {
    case DiscountTarget.LINES:
      return "lines";
    case DiscountTarget.SHIPPING:
      return "shipping";
    default:
      return "order";
  }
}
