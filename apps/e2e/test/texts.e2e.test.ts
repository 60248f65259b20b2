import { getOption, hasOption } from "@bufbuild/protobuf";
import { http } from "@kontor/contracts/google/api/annotations";
import { registry } from "@kontor/shop/registry";
import { eventually } from "@kontor/testing";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { EMPTY_TEXT, type OrderBody, type Shop, type Shopper, startShop } from "./shop.ts";

type Texts = Readonly<Record<string, string>>;

/** Every path of the shop that is read with GET, with the names of its fields in braces. */
const reads = [...registry]
  .filter((type) => type.kind === "service")
  .flatMap(({ methods }) => methods.filter((method) => hasOption(method, http)))
  .map((method) => getOption(method, http).pattern)
  .flatMap(({ case: verb, value }) => (verb === "get" ? [value] : []));

/** The parameters of a read next to its path. */
const queries: Texts = {
  "/api/v1/shipping/rates": "?country=DE",
  "/api/v1/stock:availability": "?skus=SKU",
  "/api/v1/notifications": "?pageSize=100",
};

let shop: Shop;
let shopper: Shopper;
let values: Texts;
let others: readonly string[];

beforeAll(async () => {
  shop = await startShop();
  shopper = await shop.shopper();
  await shop.staff.catalog.createCategory({ category: { id: "nested", name: "Nested", parentId: "things" } });
  await shop.staff.users.register({ email: "nameless@kontor.example", password: "correct-horse-battery" });
  const product = await shop.product(20);
  const place = async (paymentMethod: string) => (await shopper.place(product, { paymentMethod })).body.id;
  const [completed, declined] = [await place("card"), await place("tok_declined")];
  const [asked, parked] = [await place("tok_3ds"), await place("tok_3ds")];
  for (const id of [asked, parked])
    await eventually(async () => expect((await shopper.order(id)).actionUrl).toBeTruthy());
  await shopper.request("POST", `/api/v1/orders/${asked}:cancel`, {});
  const park = "UPDATE sagas SET phase = 'parked', resume_phase = phase, last_error = '' WHERE id = $1";
  await shop.database("orders").query(park, [parked]);
  await Promise.all([
    shopper.until(completed, "completed"),
    shopper.until(declined, "rejected"),
    shopper.until(asked, "cancelled"),
  ]);
  const payment = await shop.staff.payments.getPaymentByOrder({ orderId: completed });
  const notifications = await eventually(async () => {
    const found = await shop.staff.notifications.listNotifications();
    expect(found.notifications.length).toBeGreaterThan(0);
    return found.notifications;
  });
  const { pricing } = shop.staff;
  const id = "things-for-groups"; // Of a price list and of a promotion: both are read by `id`.
  await pricing.createPriceList({ priceList: { id, name: "Groups", customerGroups: ["wholesale"] } });
  await pricing.setPrices({ priceListId: id, prices: [{ sku: product, price: { currency: "EUR", minor: 900 } }] });
  const action = { percentOff: { ppm: 100_000, target: "lines" } } as const;
  await pricing.createPromotion({ promotion: { id, name: "Ten percent", couponRequired: true, action } });
  await pricing.createCoupons({ promotionId: id, codes: ["TEXTS10"] });
  const cart = await shopper.client.cart.createCart();
  await shopper.client.cart.addCartLine({ cartId: cart.id, productId: product, quantity: 1 });
  values = {
    ...{ id, price_list_id: id, promotion_id: id, code: "TEXTS10", cart_id: cart.id },
    ...{ product_id: product, sku: product, order_id: completed, payment_id: payment.id },
    ...{ user_id: shopper.userId, address_id: "ADDR-55", notification_id: notifications[0]?.id ?? "" },
  };
  others = [declined, asked];
}, 180_000);
afterAll(() => shop?.stopAll(), 60_000);

function pathOf(template: string, given: Texts): string {
  const path = template.replaceAll(/\{([^}]*)\}/g, (_, field: string) => {
    const value = given[field];
    if (value === undefined) throw new Error(`The test has no value for {${field}} of ${template}. Add one.`);
    return value;
  });
  return path + (queries[template] ?? "").replace("SKU", given.sku ?? "");
}

/** Reads as the owner, or else as a member of staff. */
async function read(path: string): Promise<{ status: number; text: string }> {
  const own = await shopper.client.send("GET", path);
  return own.status === 403 ? shop.staff.send("GET", path) : own;
}

describe("a response", () => {
  it.each(reads)("of GET %s has no empty texts", async (template) => {
    const { status, text } = await read(pathOf(template, values));
    expect(status, text).toBe(200);
    expect(text).not.toMatch(EMPTY_TEXT);
  });

  it.each(reads.filter((template) => template.includes("{order_id}")))(
    "of GET %s has none for an order that was rejected or cancelled",
    async (template) => {
      for (const order_id of others) {
        const { status, text } = await read(pathOf(template, { ...values, order_id }));
        expect([200, 404], text).toContain(status);
        expect(text).not.toMatch(EMPTY_TEXT);
      }
    },
  );

  it("omits fields that an order does not have yet", async () => {
    const { body } = await shopper.place<OrderBody>(values.product_id ?? "");
    for (const field of ["reason", "reasonDetail", "actionUrl", "trackingNumber"])
      expect(body).not.toHaveProperty(field);
  });
});
