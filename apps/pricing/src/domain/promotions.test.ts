import { describe, expect, it } from "vitest";
import { aCoupon, aLine, aPromotion, aRequest, discountsOf, kindsOf, NOW, priced, sums } from "../../test/fixtures.ts";
import type { Promotion, Selection } from "./promotion.ts";

const eur = (minor: bigint) => new Map([["EUR", minor]]);
const amountOff = (minor: bigint, target: "order" | "lines" | "shipping" = "order") =>
  ({ type: "amount", amounts: eur(minor), target }) as const;
const percentOff = (percent: number, target: "order" | "lines" | "shipping" = "order") =>
  ({ type: "percent", ppm: percent * 10_000, target }) as const;
const products = (...productIds: string[]): Selection => ({ productIds, categoryIds: [], skus: [] });

describe("discounts", () => {
  it("of a fixed amount reach the lines in full, the larger fractions first", () => {
    const lines = ["A", "B", "C"].map((id) => aLine({ id, unitPrice: 10_000n }));
    const price = priced(aRequest({ lines }), { promotions: [aPromotion({ action: amountOff(1_000n) })] });
    expect(discountsOf(price)).toEqual([334n, 333n, 333n]);
    expect(price.lines.map(({ total }) => total)).toEqual([9_666n, 9_667n, 9_667n]);
  });

  it("take no line below 0", () => {
    const lines = Array.from({ length: 7 }, (_, index) => aLine({ id: `L${index}`, unitPrice: 1n }));
    const price = priced(aRequest({ lines }), { promotions: [aPromotion({ action: amountOff(5n) })] });
    expect(discountsOf(price)).toEqual([1n, 1n, 1n, 1n, 1n, 0n, 0n]);
  });

  it("take nothing below 0 together, and say what was cut", () => {
    const promotions = [
      aPromotion({ id: "a", priority: 3, selection: products("A"), action: percentOff(100, "lines") }),
      aPromotion({ id: "b", priority: 2, action: percentOff(15) }),
      aPromotion({ id: "c", priority: 1, action: amountOff(50_000n) }),
    ];
    const lines = [aLine({ id: "A" }), aLine({ id: "B" })];
    const price = priced(aRequest({ lines, shipping: 500n }), { promotions });
    expect(discountsOf(price)).toEqual([1_000n, 1_000n]);
    expect(sums(price)).toMatchObject({ gross: 500n });
    expect(price.problems).toEqual([{ kind: "DISCOUNT_CUT", promotionId: "c" }]);
  });

  it("on goods that cost nothing are 0 and say why", () => {
    const lines = ["A", "B"].map((id) => aLine({ id, unitPrice: 0n }));
    const price = priced(aRequest({ lines }), { promotions: [aPromotion({ action: amountOff(500n) })] });
    expect(discountsOf(price)).toEqual([0n, 0n]);
    expect(kindsOf(price)).toEqual(["NOTHING_TO_DISCOUNT"]);
  });

  it("are per currency, and are never read in another one", () => {
    const promotion = aPromotion({ couponRequired: true, action: amountOff(1_000n), minimumTotals: eur(5_000n) });
    const rules = { promotions: [promotion], coupons: [aCoupon("TEN")] };
    const lines = [aLine({ unitPrice: 6_000n })];
    expect(sums(priced(aRequest({ lines, codes: ["TEN"] }), rules)).gross).toBe(5_000n);
    const yen = priced(aRequest({ lines, codes: ["TEN"], currency: "JPY" }), rules);
    expect(sums(yen).gross).toBe(6_000n);
    expect(kindsOf(yen)).toEqual(["CURRENCY"]);
  });

  it("apply to the selected lines by unit or by share, and to shipping", () => {
    const lines = [aLine({ id: "A", quantity: 3 }), aLine({ id: "B" })];
    const price = (action: Promotion["action"]) =>
      priced(aRequest({ lines, shipping: 500n }), { promotions: [aPromotion({ selection: products("A"), action })] });
    expect(discountsOf(price(amountOff(200n, "lines")))).toEqual([600n, 0n]);
    expect(discountsOf(price(percentOff(50, "lines")))).toEqual([1_500n, 0n]);
    expect(price(percentOff(100, "shipping")).shipping?.total).toBe(0n);
    expect(price(amountOff(800n, "shipping"))).toMatchObject({
      shipping: { total: 0n },
      problems: [{ kind: "DISCOUNT_CUT" }],
    });
  });
});

describe("the order of promotions", () => {
  const twenty = aPromotion({ id: "twenty", couponRequired: true, priority: 1, action: percentOff(20) });
  const ten = aPromotion({ id: "ten", couponRequired: true, action: amountOff(1_000n) });
  const coupons = [aCoupon("TWENTY", { promotionId: "twenty" }), aCoupon("TEN", { promotionId: "ten" })];
  const lines = [aLine({ unitPrice: 10_000n })];

  it("is their priority, not the order in which codes were entered", () => {
    const totals = [
      ["TWENTY", "TEN"],
      ["TEN", "TWENTY"],
    ].map((codes) => sums(priced(aRequest({ lines, codes }), { promotions: [twenty, ten], coupons })).gross);
    expect(totals).toEqual([7_000n, 7_000n]);
    const reverse = { promotions: [{ ...twenty, priority: -1 }, ten], coupons };
    expect(sums(priced(aRequest({ lines, codes: ["TWENTY", "TEN"] }), reverse)).gross).toBe(7_200n);
  });

  it("lets the prior of an exclusive and another one apply, and says which", () => {
    const codes = ["TEN", "TWENTY"];
    const prior = priced(aRequest({ lines, codes }), { promotions: [{ ...twenty, exclusive: true }, ten], coupons });
    expect(sums(prior).gross).toBe(8_000n);
    expect(prior.problems).toEqual([
      { kind: "NOT_COMBINABLE", promotionId: "ten", code: "TEN", otherPromotionId: "twenty" },
    ]);
    const later = priced(aRequest({ lines, codes }), { promotions: [twenty, { ...ten, exclusive: true }], coupons });
    expect(sums(later).gross).toBe(8_000n);
    expect(kindsOf(later)).toEqual(["NOT_COMBINABLE"]);
  });

  it("lets an exclusive promotion without effect exclude none", () => {
    const noEffect = { ...twenty, exclusive: true, action: percentOff(20, "shipping") };
    const price = priced(aRequest({ lines, codes: ["TWENTY", "TEN"] }), { promotions: [noEffect, ten], coupons });
    expect(sums(price).gross).toBe(9_000n);
  });
});

describe("buy x, get y", () => {
  const action = (buy: number, get: number, maxTimes = 0) =>
    ({ type: "buy-x-get-y", buy, get, ppm: 1_000_000, maxTimes }) as const;
  const free = (promotion: Promotion, ...lines: ReturnType<typeof aLine>[]) =>
    discountsOf(priced(aRequest({ lines }), { promotions: [promotion] }));
  const count = (buy: number, get: number, quantity: number) =>
    Number((free(aPromotion({ action: action(buy, get) }), aLine({ quantity }))[0] ?? 0n) / 1_000n);

  it("counts each unit once", () => {
    expect([1, 2, 3, 4, 5, 6, 7].map((quantity) => count(2, 1, quantity))).toEqual([0, 0, 1, 1, 1, 2, 2]);
    expect([1, 2, 6, 7, 8, 12].map((quantity) => count(1, 5, quantity))).toEqual([0, 1, 5, 5, 6, 10]);
  });

  it("does not depend on how lines hold the units", () => {
    const apart = ["A", "B", "C"].map((id) => aLine({ id, sku: "S" }));
    expect(free(aPromotion({ action: action(2, 1) }), ...apart).reduce((sum, off) => sum + off)).toBe(1_000n);
    expect(count(2, 1, 3)).toBe(1);
  });

  it("gives the cheapest of several variants", () => {
    const lines = [aLine({ id: "A", unitPrice: 900n }), aLine({ id: "B", quantity: 2, unitPrice: 1_200n })];
    expect(free(aPromotion({ action: action(2, 1) }), ...lines)).toEqual([900n, 0n]);
  });

  it("gives other goods than those that are bought, as often as allowed", () => {
    const promotion = aPromotion({
      selection: products("shirt"),
      action: { ...action(2, 1, 1), ppm: 500_000, getSelection: products("socks") },
    });
    const lines = [aLine({ id: "shirt", quantity: 4 }), aLine({ id: "socks", quantity: 3 })];
    expect(free(promotion, ...lines)).toEqual([0n, 500n]);
    expect(free({ ...promotion, action: { ...action(2, 1), getSelection: products("socks") } }, ...lines)).toEqual([
      0n,
      2_000n,
    ]);
  });
});

describe("bundles", () => {
  const bundle = (prices = eur(2_500n)) =>
    aPromotion({
      action: {
        type: "bundle",
        items: [
          { selection: products("camera"), quantity: 1 },
          { selection: products("lens", "flash"), quantity: 2 },
        ],
        prices,
        maxTimes: 0,
      },
    });
  const lines = [
    aLine({ id: "camera", quantity: 2, unitPrice: 2_000n }),
    aLine({ id: "lens", unitPrice: 500n }),
    aLine({ id: "flash", quantity: 2, unitPrice: 300n }),
  ];

  it("cost their price as often as they are complete; the dearest units are in them", () => {
    const price = priced(aRequest({ lines }), { promotions: [bundle()] });
    expect(discountsOf(price)).toEqual([214n, 54n, 32n]);
    expect(sums(price).gross).toBe(2_500n + 2_000n + 300n);
  });

  it("do not raise a price, and do not apply when something is missing", () => {
    expect(discountsOf(priced(aRequest({ lines }), { promotions: [bundle(eur(9_000n))] }))).toEqual([0n, 0n, 0n]);
    expect(discountsOf(priced(aRequest({ lines: lines.slice(0, 2) }), { promotions: [bundle()] }))).toEqual([0n, 0n]);
  });
});

describe("conditions", () => {
  const coupons = [aCoupon("CODE")];
  const kinds = (fields: Partial<Promotion>, request: Parameters<typeof aRequest>[0] = {}) =>
    kindsOf(
      priced(aRequest({ codes: ["CODE"], ...request }), {
        promotions: [aPromotion({ couponRequired: true, ...fields })],
        coupons,
      }),
    );
  const [before, after] = [new Date(NOW.getTime() - 1), new Date(NOW.getTime() + 1)];

  it("say which of them does not hold", () => {
    expect(kinds({})).toEqual([]);
    expect(kinds({ minimumTotals: eur(1_001n) })).toEqual(["TOTAL_TOO_LOW"]);
    expect(kinds({ selection: products("other") })).toEqual(["GOODS_MISSING"]);
    expect(kinds({ minQuantity: 2 })).toEqual(["GOODS_MISSING"]);
    expect(kinds({ groups: ["wholesale"] })).toEqual(["NOT_ELIGIBLE"]);
    expect(kinds({ groups: ["wholesale"] }, { customer: { groups: ["wholesale"] } })).toEqual([]);
    expect(kinds({ channels: ["app"] })).toEqual(["NOT_ELIGIBLE"]);
    expect(kinds({ channels: ["app"] }, { channel: "app" })).toEqual([]);
    expect(kinds({ inactive: true })).toEqual(["COUPON_UNKNOWN"]);
    expect(kinds({}, { codes: ["OTHER"] })).toEqual(["COUPON_UNKNOWN"]);
  });

  it("on time follow the clock alone", () => {
    expect(kinds({ validFrom: after })).toEqual(["COUPON_NOT_YET_VALID"]);
    expect(kinds({ validFrom: NOW })).toEqual([]);
    expect(kinds({ validUntil: after })).toEqual([]);
    expect(kinds({ validUntil: NOW })).toEqual(["COUPON_EXPIRED"]);
    expect(kinds({ validUntil: before })).toEqual(["COUPON_EXPIRED"]);
  });

  it("on the first order are judged when the customer is known", () => {
    expect(kinds({ firstOrder: true })).toEqual([]);
    expect(kinds({ firstOrder: true }, { customer: { groups: [], firstOrder: false } })).toEqual(["NOT_FIRST_ORDER"]);
    expect(kinds({ firstOrder: true }, { customer: { groups: [], firstOrder: true } })).toEqual([]);
  });

  it("on categories include the goods of categories below", () => {
    const selection = { productIds: [], categoryIds: ["clothes"], skus: [] };
    expect(kinds({ selection }, { lines: [aLine({ categoryIds: ["shirts", "clothes"] })] })).toEqual([]);
  });
});

describe("coupon codes", () => {
  const promotions = [aPromotion({ couponRequired: true })];

  it.each(["Sommer-10", " SOMMER10", "ＳＯＭＭＥＲ１０", "som mer‑10", "sommer\u200b10"])(
    "are one code in all spellings: %s",
    (code) => {
      const price = priced(aRequest({ codes: [code] }), { promotions, coupons: [aCoupon("Sommer-10")] });
      expect(sums(price).gross).toBe(900n);
      expect(price.lines[0]?.discounts).toMatchObject([{ code: "Sommer-10" }]);
      expect(price.uses).toEqual([{ promotionId: "promotion", coupon: "SOMMER10" }]);
    },
  );

  it("of one promotion apply once", () => {
    const price = priced(aRequest({ codes: ["B", "A"] }), { promotions, coupons: [aCoupon("A"), aCoupon("B")] });
    expect(sums(price).gross).toBe(900n);
    expect(price.problems).toEqual([{ kind: "SAME_PROMOTION", code: "B", promotionId: "promotion" }]);
  });

  it("with no uses left give way to one that has some", () => {
    const counts = { of: (subject: string) => (subject === "coupon/A" ? 1 : 0) };
    const coupons = [aCoupon("A", { maxUses: 1 }), aCoupon("B", { maxUses: 1 })];
    const price = priced(aRequest({ codes: ["A", "B"] }), { promotions, coupons, counts });
    expect(price.problems).toEqual([{ kind: "COUPON_USED_UP", code: "A", promotionId: "promotion", limit: 1 }]);
    expect(price.uses).toEqual([{ promotionId: "promotion", coupon: "B" }]);
  });
});
