import { randomUUID } from "node:crypto";
import { DiscountTarget } from "@kontor/shop/contracts/pricing/v1/promotion";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { aLine, eur, reasonOf, type Shop, startShop } from "./shop.ts";

let shop: Shop;
beforeAll(async () => {
  shop = await startShop();
}, 60_000);
afterAll(() => shop?.stop());

/** Creates a promotion of 10 % that only this test uses. */
async function aPromotion(fields: object = {}): Promise<string> {
  const percentOff = { ppm: 100_000, target: DiscountTarget.ORDER };
  const action = { kind: { case: "percentOff" as const, value: percentOff } };
  const promotion = { name: "Ten percent", couponRequired: true, action, ...fields };
  const created = await shop.orders.createPromotion({ promotion }, shop.staff);
  return created.promotion?.id ?? "";
}

function hold(
  promotionId: string,
  fields: { orderId?: string; couponCode?: string; userId?: string; email?: string } = {},
) {
  const { orderId = randomUUID(), couponCode, userId = "", email = "" } = fields;
  const use = { promotionId, ...(couponCode !== undefined && { couponCode }) };
  return shop.orders.holdUses({ orderId, customer: { userId, email }, uses: [use] });
}

const release = (orderId: string) => shop.orders.releaseUses({ orderId });

async function aCoupon(promotionId: string, fields: object = {}): Promise<string> {
  const code = `C-${randomUUID()}`;
  await shop.orders.createCoupons({ promotionId, codes: [code], reference: randomUUID(), ...fields }, shop.staff);
  return code;
}

describe("holding uses", () => {
  it("lets ten of fifty orders at the same time use a promotion with ten uses", async () => {
    const id = await aPromotion({ maxUses: 10 });
    const outcomes = await Promise.all(
      Array.from({ length: 50 }, (_, index) =>
        reasonOf(
          (index % 2 === 0 ? shop.orders : shop.replica).holdUses({
            orderId: randomUUID(),
            uses: [{ promotionId: id }],
          }),
        ),
      ),
    );
    expect(outcomes.filter((outcome) => outcome === "none")).toHaveLength(10);
    expect(outcomes.filter((outcome) => outcome === "USE_LIMIT_REACHED")).toHaveLength(40);
    expect(await shop.usesOf(`promotion/${id}`)).toBe(10);
    expect((await shop.orders.getPromotion({ id }, shop.staff)).promotion?.uses).toBe(10n);
  });

  it("obeys a limit that was lowered meanwhile", async () => {
    const id = await aPromotion({ maxUses: 10 });
    for (let order = 0; order < 5; order++) await hold(id);
    await shop.replica.updatePromotion({ promotion: { id, maxUses: 5 } }, shop.staff);
    expect(await reasonOf(hold(id))).toBe("USE_LIMIT_REACHED");
    expect(await shop.usesOf(`promotion/${id}`)).toBe(5);
  });

  it("never lets an order compete with itself", async () => {
    const id = await aPromotion({ maxUses: 1 });
    const orderId = randomUUID();
    await Promise.all(Array.from({ length: 5 }, () => hold(id, { orderId })));
    await hold(id, { orderId });
    expect(await shop.usesOf(`promotion/${id}`)).toBe(1);
    expect((await shop.events(orderId)).map(({ type }) => type)).toEqual(["shop.pricing.v1.UsesHeld"]);
    const other = await aPromotion();
    expect(await reasonOf(hold(other, { orderId }))).toBe("USES_DIFFER");
  });

  it("takes all uses of an order or none", async () => {
    const [full, free] = [await aPromotion({ maxUses: 1 }), await aPromotion()];
    await hold(full);
    const both = { orderId: randomUUID(), uses: [{ promotionId: free }, { promotionId: full }] };
    expect(await reasonOf(shop.orders.holdUses(both))).toBe("USE_LIMIT_REACHED");
    expect(await shop.usesOf(`promotion/${free}`)).toBe(0);
  });

  it("limits coupons and customers by numbers of their own", async () => {
    const id = await aPromotion({ maxUsesPerCustomer: 3 });
    const codes = await Promise.all(Array.from({ length: 5 }, () => aCoupon(id, { maxUses: 1 })));
    for (const couponCode of codes.slice(0, 3)) await hold(id, { couponCode, userId: "u-1" });
    expect(await reasonOf(hold(id, { couponCode: codes[0] ?? "", userId: "u-2" }))).toBe("USE_LIMIT_REACHED");
    await expect(hold(id, { couponCode: codes[3] ?? "", userId: "u-1" })).rejects.toMatchObject({
      metadata: { limitOf: "customer", limit: "3", promotionId: id },
    });
    await hold(id, { couponCode: codes[3] ?? "", userId: "u-2" });
  });

  it("counts the uses of a guest by the mail address, in all its spellings, and stores no address", async () => {
    const id = await aPromotion({ maxUsesPerCustomer: 1 });
    await hold(id, { email: "Ada@Example.com" });
    expect(await reasonOf(hold(id, { email: " ada@example.COM", userId: "u-3" }))).toBe("USE_LIMIT_REACHED");
    const rows = await shop.db.query("SELECT customers::text FROM order_uses");
    expect(JSON.stringify(rows).toLowerCase()).not.toContain("ada@");
  });
});

describe("giving uses back", () => {
  it("happens once, however often and by whichever ways an order ends", async () => {
    const id = await aPromotion({ maxUses: 1 });
    const orderId = randomUUID();
    for (let round = 0; round < 5; round++) {
      const attempt = `${orderId}-${round}`;
      await hold(id, { orderId: attempt });
      const released = await Promise.all([
        release(attempt),
        release(attempt),
        shop.replica.releaseUses({ orderId: attempt }),
      ]);
      expect(released.filter((response) => response.released)).toHaveLength(1);
      expect(await shop.usesOf(`promotion/${id}`)).toBe(0);
    }
    await hold(id);
  });

  it("refuses uses that are held too late", async () => {
    const id = await aPromotion();
    const orderId = randomUUID();
    expect((await release(orderId)).released).toBe(false);
    expect(await reasonOf(hold(id, { orderId }))).toBe("USES_CLOSED");
    expect(await shop.usesOf(`promotion/${id}`)).toBe(0);
  });
});

describe("pricing with limits", () => {
  it("says that a coupon is used up, but not to the order that uses it", async () => {
    const id = await aPromotion();
    const couponCode = await aCoupon(id, { maxUses: 1 });
    const request = { currency: "EUR", lines: [aLine()], couponCodes: [couponCode.toLowerCase()] };
    const before = await shop.orders.priceLines(request);
    expect(before.totals?.gross).toMatchObject(eur(900));
    expect(before.uses).toHaveLength(1);
    const orderId = randomUUID();
    await shop.orders.holdUses({ orderId, uses: before.uses });
    expect((await shop.orders.priceLines({ ...request, orderId })).totals?.gross).toMatchObject(eur(900));
    const other = await shop.orders.priceLines(request);
    expect(other.totals?.gross).toMatchObject(eur(1_000));
    expect(other.problems).toMatchObject([{ couponCode: couponCode.toLowerCase(), promotionId: id, limit: 1 }]);
  });
});
