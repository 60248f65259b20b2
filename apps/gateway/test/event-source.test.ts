import { readFile } from "node:fs/promises";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { followOrder } from "./follow-order.ts";
import { type Shop, startShop } from "./shop.ts";

let shop: Shop;
beforeAll(async () => {
  shop = await startShop();
});
beforeEach(() => shop.seen.splice(0));
afterAll(() => shop.stop());

const orderOf = (version: number) => ({ order: { id: "o1", version } });
const unavailable = Object.assign(new Error("away"), { code: 14 });

/** Follows an order, with a new token for every connection. */
function follow(path = "/api/v1/orders/o1:watch") {
  const events: unknown[] = [];
  let tokens = 0;
  const token = async () => shop.token(`ada${++tokens}`, "orders.read");
  const stop = followOrder(shop.url + path, token, {
    show: ({ version }) => events.push(version),
    interrupted: (detail) => events.push(detail),
    closed: (...why) => events.push(why),
  });
  return { events, stop };
}
/** Clients wait up to 4 s before they reconnect. */
const patience = { timeout: 20_000 };

describe("an EventSource that follows an order", { timeout: 60_000 }, () => {
  it("receives each version once over an interruption, and stops on its own once the order is final", async () => {
    const connections = [
      async function* () {
        yield orderOf(1);
        throw unavailable;
      },
      async function* () {
        yield orderOf(1);
        yield orderOf(3);
      },
      async function* () {
        yield orderOf(3);
      },
    ];
    shop.script = () => connections.shift()?.();
    const { events } = follow();
    await expect.poll(() => events.at(-1), patience).toEqual(["final", 204]);
    expect(events).toEqual([1, expect.stringMatching(/^The /), 3, ["final", 204]]);
    const subjects = shop.seen.map(({ context }) => context.principal?.subject);
    expect(subjects).toEqual(["ada1", "ada2", "ada3"]);
  });

  it("receives the status when it is refused, and does not come again", async () => {
    shop.script = () => ({});
    const { events } = follow("/nowhere");
    await expect.poll(() => events).toEqual([["refused", 404]]);
  });
});

it("docs/guides/watching-orders.md shows this client", async () => {
  const guide = await readFile(new URL("../../../docs/guides/watching-orders.md", import.meta.url), "utf8");
  expect(guide).toContain(await readFile(new URL("follow-order.ts", import.meta.url), "utf8"));
});
