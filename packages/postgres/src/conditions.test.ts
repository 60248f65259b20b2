import { describe, expect, it } from "vitest";
import { conditions } from "./conditions.ts";

describe("conditions", () => {
  it("contain those of the given filters, with their values", () => {
    const filter = conditions();
    filter.where("paid", (value) => `status = ${value}`);
    filter.where(undefined, (value) => `user_id = ${value}`);
    filter.where(0, (value) => `stock <= ${value}`);
    expect([`${filter} LIMIT ${filter.parameter(21)}`, filter.values]).toEqual([
      "status = $1 AND stock <= $2 LIMIT $3",
      ["paid", 0, 21],
    ]);
  });

  it("take the columns whose value is given", () => {
    const filter = conditions();
    filter.equal({ status: "paid", user_id: undefined, order_id: "o-1" });
    expect([`${filter}`, filter.values]).toEqual(["status = $1 AND order_id = $2", ["paid", "o-1"]]);
  });

  it("go on after the last row of a page, in either order", () => {
    const first = conditions();
    expect(first.page("orders", { limit: 2 })).toBe("ORDER BY created_at DESC, id DESC LIMIT $1");
    const next = conditions();
    expect(next.page("orders", { after: "7", limit: 2, oldestFirst: true })).toBe(
      "ORDER BY created_at ASC, id ASC LIMIT $2",
    );
    expect([`${next}`, next.values]).toEqual([
      "(created_at, id) > (SELECT l.created_at, l.id FROM orders l WHERE l.id = $1)",
      ["7", 2],
    ]);
  });

  it("are true without filters", () => {
    expect(`${conditions()}`).toBe("true");
  });
});
