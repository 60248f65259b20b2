import { randomUUID } from "node:crypto";
import { fromBinary } from "@bufbuild/protobuf";
import { timestampFromDate } from "@bufbuild/protobuf/wkt";
import { RuleChangedSchema } from "@kontor/shop/contracts/pricing/v1/events";
import { DiscountTarget } from "@kontor/shop/contracts/pricing/v1/promotion";
import { eventually, rowsOf } from "@kontor/testing";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { aLine, eur, reasonOf, type Shop, startShop } from "./shop.ts";

let shop: Shop;
beforeAll(async () => {
  shop = await startShop();
}, 60_000);
afterAll(() => shop?.stop());

const percentOff = { ppm: 100_000, target: DiscountTarget.LINES };
const aPromotion = (fields: object = {}) => ({
  name: "Ten percent",
  action: { kind: { case: "percentOff" as const, value: percentOff } },
  ...fields,
});
const grossOf = async (client: Shop["orders"], request: object) =>
  Number((await client.priceLines({ currency: "EUR", ...request })).totals?.gross?.minor ?? -1n);

describe("rules", () => {
  it("apply at once where they were made, and soon in other replicas, without another write", async () => {
    const selection = { productIds: ["P-now"] };
    const request = { lines: [aLine({ productId: "P-now" })] };
    const { promotion } = await shop.orders.createPromotion({ promotion: aPromotion({ selection }) }, shop.staff);
    expect(await grossOf(shop.orders, request)).toBe(900);
    await eventually(async () => expect(await grossOf(shop.replica, request)).toBe(900));
    await shop.replica.updatePromotion({ promotion: { id: promotion?.id ?? "", inactive: true } }, shop.staff);
    expect(await grossOf(shop.replica, request)).toBe(1_000);
    await eventually(async () => expect(await grossOf(shop.orders, request)).toBe(1_000));
    const events = await shop.events(`promotion/${promotion?.id}`);
    expect(events.map(({ payload }) => fromBinary(RuleChangedSchema, payload).rule.value?.version)).toEqual([1, 2]);
  });

  it("keep their other fields through an update and a round trip", async () => {
    const id = `p-${randomUUID()}`;
    const full = aPromotion({
      ...{ id, priority: 3, exclusive: true, couponRequired: true, minQuantity: 2, maxUses: 5 },
      ...{ minimumTotals: [eur(5_000)], customerGroups: ["vip"], channels: ["app"], firstOrder: true },
      selection: { categoryIds: ["shirts"] },
      validUntil: timestampFromDate(new Date("2030-01-01T00:00:00Z")),
    });
    const { promotion } = await shop.orders.createPromotion({ promotion: full }, shop.staff);
    expect(promotion).toMatchObject({ ...full, version: 1 });
    const renamed = await shop.orders.updatePromotion({ promotion: { id, name: "Renamed" } }, shop.staff);
    expect(renamed.promotion).toEqual({ ...promotion, name: "Renamed", version: 2 });
    const sentBack = await shop.orders.updatePromotion(
      { ...(renamed.promotion && { promotion: renamed.promotion }) },
      shop.staff,
    );
    expect(sentBack.promotion).toEqual({ ...renamed.promotion, version: 3 });
    expect((await shop.replica.getPromotion({ id }, shop.staff)).promotion).toEqual(sentBack.promotion);
    const bundle = { items: [{ selection: { skus: ["A"] }, quantity: 2 }], prices: [eur(100)], maxTimes: 1 };
    const action = { kind: { case: "bundle" as const, value: bundle } };
    const bundled = await shop.orders.updatePromotion({ promotion: { id, action } }, shop.staff);
    expect(bundled.promotion?.action).toMatchObject(action);
  });

  it("of one id are created once, and change only in the version that was read", async () => {
    const id = `l-${randomUUID()}`;
    const created = await Promise.all(
      Array.from({ length: 5 }, () =>
        reasonOf(shop.orders.createPriceList({ priceList: { id, name: "List" } }, shop.staff)),
      ),
    );
    expect(created.sort()).toEqual(["RULE_EXISTS", "RULE_EXISTS", "RULE_EXISTS", "RULE_EXISTS", "none"]);
    const rename = (name: string, version: number) =>
      reasonOf(shop.replica.updatePriceList({ priceList: { id, name, version } }, shop.staff));
    expect(await Promise.all([rename("A", 1), rename("B", 1)])).toContain("RULE_CHANGED");
    expect(await reasonOf(shop.orders.updatePriceList({ priceList: { id: "none", name: "X" } }, shop.staff))).toBe(
      "RULE_NOT_FOUND",
    );
  });

  it("are refused with what is wrong with them", async () => {
    const create = (fields: object) =>
      reasonOf(shop.orders.createPromotion({ promotion: aPromotion(fields) }, shop.staff));
    const at = (iso: string) => timestampFromDate(new Date(iso));
    expect(await create({ action: undefined })).toBe("INVALID_REQUEST");
    expect(await create({ action: {} })).toBe("INVALID_REQUEST");
    expect(await create({ minimumTotals: [eur(1), eur(2)] })).toBe("INVALID_REQUEST");
    expect(await create({ validFrom: at("2030-01-02T00:00:00Z"), validUntil: at("2030-01-01T00:00:00Z") })).toBe(
      "INVALID_REQUEST",
    );
    expect(await reasonOf(shop.orders.createPromotion({ promotion: aPromotion() }, shop.user("orders.write")))).toBe(
      "SCOPE_MISSING",
    );
    expect(await reasonOf(shop.orders.createPromotion({ promotion: aPromotion() }))).toBe("TOKEN_MISSING");
  });
});

describe("price lists", () => {
  it("set, replace, list and remove prices", async () => {
    const priceListId = `l-${randomUUID()}`;
    const sku = "S-list";
    await shop.orders.createPriceList({ priceList: { id: priceListId, name: "Cheap" } }, shop.staff);
    const prices = [
      { sku, price: eur(800) },
      { sku, minQuantity: 10, price: eur(700) },
      { sku: "T-list", price: eur(1) },
    ];
    await shop.orders.setPrices({ priceListId, prices }, shop.staff);
    const request = (quantity: number) => ({ lines: [aLine({ sku, quantity })] });
    expect(await grossOf(shop.orders, request(1))).toBe(800);
    expect(await grossOf(shop.orders, request(10))).toBe(7_000);
    await shop.orders.setPrices({ priceListId, prices: [{ sku, price: eur(750) }] }, shop.staff);
    await eventually(async () => expect(await grossOf(shop.replica, request(1))).toBe(750));

    const first = await shop.replica.listPrices({ priceListId, pageSize: 2 }, shop.staff);
    expect(first.prices.map(({ minQuantity, price }) => [minQuantity, Number(price?.minor)])).toEqual([
      [1, 750],
      [10, 700],
    ]);
    const { nextPageToken: pageToken = "" } = first;
    const second = await shop.replica.listPrices({ priceListId, pageSize: 2, pageToken }, shop.staff);
    expect(second.prices).toMatchObject([{ sku: "T-list" }]);

    await shop.replica.removePrices({ priceListId, skus: [sku] }, shop.staff);
    await eventually(async () => expect(await grossOf(shop.orders, request(10))).toBe(10_000));
    expect(await reasonOf(shop.orders.setPrices({ priceListId: "none", prices }, shop.staff))).toBe("RULE_NOT_FOUND");
  });
});

describe("coupons", () => {
  const generate = { count: 10_000, prefix: "X-" };
  const promotionId = `c-${randomUUID()}`;
  beforeAll(() =>
    shop.orders.createPromotion({ promotion: aPromotion({ id: promotionId, couponRequired: true }) }, shop.staff),
  );
  const create = (fields: object) =>
    shop.orders.createCoupons({ promotionId, reference: randomUUID(), ...fields }, shop.staff);

  it("are generated 10,000 at a time, the same for the same reference", async () => {
    const reference = randomUUID();
    const both = await Promise.all([
      create({ reference, generate }),
      shop.replica.createCoupons({ promotionId, reference, generate }, shop.staff),
    ]);
    const [first, second] = both.map(({ codes }) => codes);
    expect(new Set(first).size).toBe(10_000);
    expect(second).toEqual(first);
    for (const code of first ?? []) expect(code).toMatch(/^X-[2-9A-HJKMNP-Z]{12}$/);
    expect(await reasonOf(create({ reference, generate: { count: 1 } }))).toBe("IDEMPOTENCY_KEY_REUSED");
    const stored = await rowsOf(shop.db, "SELECT count(*)::int FROM coupons WHERE promotion_id = $1", [promotionId]);
    expect(stored).toEqual([{ count: 10_000 }]);
  });

  it("that equal another one are refused, all with the one", async () => {
    await create({ codes: ["Sommer-10"] });
    expect(await reasonOf(create({ codes: ["winter", "ＳＯＭＭＥＲ１０"] }))).toBe("COUPON_EXISTS");
    expect(await reasonOf(shop.orders.getCoupon({ code: "winter" }, shop.staff))).toBe("COUPON_NOT_FOUND");
    expect((await shop.orders.getCoupon({ code: " sommer 10" }, shop.staff)).coupon).toMatchObject({
      code: "Sommer-10",
      promotionId,
    });
    expect(await reasonOf(create({ codes: ["same", "SAME"] }))).toBe("INVALID_REQUEST");
    expect(await reasonOf(create({ codes: ["- -a"] }))).toBe("INVALID_REQUEST");
    expect(await reasonOf(create({ codes: ["abc"], generate }))).toBe("INVALID_REQUEST");
    expect(await reasonOf(create({}))).toBe("INVALID_REQUEST");
  });

  it("change at once", async () => {
    await create({ codes: ["CHANGE-ME"], reference: "change-me" });
    const request = { lines: [aLine()], couponCodes: ["change me"] };
    expect(await grossOf(shop.replica, request)).toBe(900);
    await shop.orders.updateCoupon({ coupon: { code: "change-me", inactive: true } }, shop.staff);
    expect(await grossOf(shop.replica, request)).toBe(1_000);
    expect((await shop.orders.listCoupons({ promotionId, pageSize: 100 }, shop.staff)).coupons).toHaveLength(100);
  });
});

describe("tax rules", () => {
  const zone = (id: string, fields: object = {}) => ({
    id,
    name: id,
    areas: [{ country: "AT" }],
    pricesIncludeTax: true,
    ...fields,
  });
  const createZone = (...args: Parameters<typeof zone>) =>
    reasonOf(shop.orders.createTaxZone({ taxZone: zone(...args) }, shop.staff));
  const createRate = (fields: object) =>
    reasonOf(
      shop.orders.createTaxRate(
        { taxRate: { zoneId: "at", categoryId: "standard", name: "USt.", ppm: 200_000, ...fields } },
        shop.staff,
      ),
    );
  const at = (iso: string) => timestampFromDate(new Date(iso));

  it("do not contradict each other, and tax is charged from then on", async () => {
    expect(await createZone("at", { home: true, vatPrefix: "AT" })).toBe("none");
    expect(await createZone("at-2")).toBe("AREA_TAKEN");
    expect(await createZone("de", { home: true, areas: [{ country: "DE" }] })).toBe("HOME_ZONE_EXISTS");
    expect(await createZone("ch", { areas: [{ country: "CH" }, { country: "CH", region: " " }] })).toBe(
      "INVALID_REQUEST",
    );
    expect(await createRate({ validUntil: at("2030-01-01T00:00:00Z") })).toBe("none");
    expect(await createRate({ validFrom: at("2029-12-31T00:00:00Z") })).toBe("TAX_RATE_OVERLAPS");
    expect(await createRate({ validFrom: at("2030-01-01T00:00:00Z") })).toBe("none");
    expect(await createRate({ categoryId: "reduced" })).toBe("RULE_NOT_FOUND");
    const price = await shop.orders.priceLines({
      currency: "EUR",
      destination: { country: "AT" },
      lines: [aLine({ productId: "P-tax" })],
    });
    expect(price.totals).toMatchObject({ net: eur(833), tax: eur(167), gross: eur(1_000) });
    expect(price.taxTreatment).toMatchObject({ zoneId: "at", pricesIncludeTax: true, estimated: false });
    expect(price.taxes).toMatchObject([{ name: "USt.", ppm: 200_000, tax: eur(167) }]);
  });

  it("charge tax until a VAT id was found valid", async () => {
    await createZone("fr", { areas: [{ country: "FR" }], vatPrefix: "FR" });
    const request = {
      currency: "EUR",
      destination: { country: "FR" },
      customer: { vatId: "fr 83.404833048" },
      lines: [aLine({ productId: "P-tax" })],
    };
    const isReversed = async () => (await shop.orders.priceLines(request)).taxTreatment?.reverseCharge;
    const record = (vatId: string, valid: boolean) =>
      shop.orders.recordVatCheck({ vatId, valid, consultationNumber: "WAPI-1" }, shop.staff);
    expect(await isReversed()).toBe(false);
    await record("FR83404833048", false);
    expect(await isReversed()).toBe(false);
    expect((await record("FR 83404833048", true)).vatCheck).toMatchObject({
      vatId: "FR83404833048",
      consultationNumber: "WAPI-1",
    });
    expect(await isReversed()).toBe(true);
    await shop.db.query("UPDATE vat_checks SET checked_at = now() - interval '91 days'");
    expect(await isReversed()).toBe(false);
    expect(await reasonOf(record("ATU12345678", true))).toBe("INVALID_REQUEST");
  });
});
