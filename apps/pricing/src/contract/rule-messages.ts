import type { MessageInitShape } from "@bufbuild/protobuf";
import type { PriceList as PriceListMessage, PriceListSchema } from "@kontor/shop/contracts/pricing/v1/price_list";
import type {
  TaxCategory as TaxCategoryMessage,
  TaxCategorySchema,
  TaxRate as TaxRateMessage,
  TaxRateSchema,
  TaxZone as TaxZoneMessage,
  TaxZoneSchema,
} from "@kontor/shop/contracts/pricing/v1/tax";
import { readText } from "@kontor/text";
import type { PriceList } from "../domain/price-list.ts";
import type { TaxCategory, TaxRate } from "../domain/tax-rate.ts";
import type { TaxZone } from "../domain/tax-zone.ts";
import { windowMessage, windowOf } from "./amounts.ts";

/** Returns the message of a price list. */
export function priceListMessage(list: PriceList): MessageInitShape<typeof PriceListSchema> {
  const { id, name, groups, channels, inactive, version } = list;
  return { id, name, customerGroups: [...groups], channels: [...channels], ...windowMessage(list), inactive, version };
}

/** Returns the price list of a message. */
export function priceListOf(message: PriceListMessage): PriceList {
  const { id, customerGroups, channels, inactive, version } = message;
  return {
    id,
    name: readText(message.name),
    groups: customerGroups,
    channels,
    ...windowOf(message),
    inactive,
    version,
  };
}

/** Returns the message of a tax zone. */
export function taxZoneMessage({
  areas,
  vatPrefix,
  shippingCategoryId,
  ...zone
}: TaxZone): MessageInitShape<typeof TaxZoneSchema> {
  return {
    ...zone,
    areas: areas.map(({ country, region, postcodePrefix }) => ({
      country,
      ...(region !== "" && { region }),
      ...(postcodePrefix !== "" && { postcodePrefix }),
    })),
    ...(vatPrefix !== "" && { vatPrefix }),
    ...(shippingCategoryId !== "" && { shippingCategoryId }),
  };
}

/** Returns the tax zone of a message. */
export function taxZoneOf(message: TaxZoneMessage): TaxZone {
  const { id, pricesIncludeTax, home, keepPrice, vatPrefix = "", shippingCategoryId = "", inactive, version } = message;
  const areas = message.areas.map(({ country, region = "", postcodePrefix = "" }) => ({
    country,
    region: readText(region),
    postcodePrefix: readText(postcodePrefix),
  }));
  const name = readText(message.name);
  return { id, name, areas, pricesIncludeTax, home, keepPrice, vatPrefix, shippingCategoryId, inactive, version };
}

/** Returns the message of a tax category. */
export function taxCategoryMessage(category: TaxCategory): MessageInitShape<typeof TaxCategorySchema> {
  return { ...category, productIds: [...category.productIds], categoryIds: [...category.categoryIds] };
}

/** Returns the tax category of a message. */
export function taxCategoryOf({ id, name, productIds, categoryIds, version }: TaxCategoryMessage): TaxCategory {
  return { id, name: readText(name), productIds, categoryIds, version };
}

/** Returns the message of a tax rate. */
export function taxRateMessage(rate: TaxRate): MessageInitShape<typeof TaxRateSchema> {
  const { id, zoneId, categoryId, name, ppm, inactive, version } = rate;
  return { id, zoneId, categoryId, name, ppm, ...windowMessage(rate), inactive, version };
}

/** Returns the tax rate of a message. */
export function taxRateOf(message: TaxRateMessage): TaxRate {
  const { id, zoneId, categoryId, ppm, inactive, version } = message;
  return { id, zoneId, categoryId, name: readText(message.name), ppm, ...windowOf(message), inactive, version };
}
