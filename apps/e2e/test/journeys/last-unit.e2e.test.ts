import { eventually } from "@kontor/testing";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type Shop, startShop } from "../shop.ts";
import { type CartBody, cartCalls } from "./guest-shop.ts";

const SHOPPERS = 50;
let shop: Shop;
beforeAll(async () => {
  shop = await startShop();
}, 120_000);
afterAll(() => shop?.stopAll(), 60_000);

describe("the last unit in fifty carts", () => {
  it("becomes one order; the other carts say why they cannot be ordered", async () => {
    const product = await shop.product(1);
    const { create, add, update, checkout, read, call } = cartCalls(shop.gateway);
    const carts: CartBody[] = await Promise.all(
      Array.from({ length: SHOPPERS }, async (_, n) => {
        const { body } = await create();
        await add(body.id, product);
        return (await update(body.id, { email: `shopper-${n}@example.com` })).body;
      }),
    );
    const answers = await Promise.all(carts.map((cart) => checkout(cart)));
    for (const { status } of answers) expect([201, 409]).toContain(status);
    const statusOf = async (token: string) =>
      (await call<{ status: string }>("POST", "/orders:open", { token })).body.status;
    const tokens = answers.flatMap(({ body }) => body.orderToken ?? []);
    const settled = await eventually(
      async () => {
        const statuses = await Promise.all(tokens.map(statusOf));
        for (const status of statuses) expect(["confirmed", "shipped", "completed", "rejected"]).toContain(status);
        return statuses;
      },
      { timeoutMs: 60_000 },
    );
    expect(settled.filter((status) => status !== "rejected")).toHaveLength(1);
    const after = await Promise.all(carts.map(async ({ id }) => (await read(id)).body));
    const open = after.filter(({ orderId }) => orderId === undefined);
    expect(open).toHaveLength(SHOPPERS - 1);
    for (const { problems } of open) expect(problems).toMatchObject([{ kind: "above_stock", sku: product }]);
  });
});
