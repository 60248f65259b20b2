import { describe, expect, it } from "vitest";
import { type Identified, operationIds } from "./operation-ids.ts";

const list = { name: "ListOrders", parent: { typeName: "shop.orders.v1.OrdersService" } };
const other = { name: "ListOrders", parent: { typeName: "shop.archive.v1.ArchiveService" } };
const route = (method: Identified["method"], pattern: string, httpMethod = "GET") => ({ method, httpMethod, pattern });
const first = route(list, "/api/v1/orders");
const second = route(list, "/api/v1/users/{user_id}/orders");

describe("operation ids", () => {
  it("are the name of the RPC, and for more paths of it their method and a hash", () => {
    const ids = operationIds([second, first]);
    expect([ids.get(first), ids.get(second)]).toEqual([
      "ListOrders",
      expect.stringMatching(/^ListOrders_get_[0-9a-f]{6}$/),
    ]);
  });

  it("do not change when another path is put in front", () => {
    const before = operationIds([first, second]);
    const after = operationIds([route(list, "/api/v2/orders"), first, second]);
    expect([after.get(first), after.get(second)]).toEqual([before.get(first), before.get(second)]);
  });

  it("name the service where two have an RPC of the same name", () => {
    const ids = [...operationIds([first, route(other, "/api/v1/archive")]).values()];
    expect(ids).toEqual(["shop_orders_v1_OrdersService_ListOrders", "shop_archive_v1_ArchiveService_ListOrders"]);
  });
});
