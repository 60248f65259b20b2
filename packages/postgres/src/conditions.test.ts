import { describe, expect, it } from "vitest";
import { conditions } from "./conditions.ts";

describe("conditions", () => {
  it("hold those of the given filters, with their values", () => {
    const filter = conditions();
    filter.where("paid", (value) => `status = ${value}`);
    filter.where(undefined, (value) => `user_id = ${value}`);
    filter.where(0, (value) => `stock <= ${value}`);
    expect([`${filter} LIMIT ${filter.parameter(21)}`, filter.values]).toEqual([
      "status = $1 AND stock <= $2 LIMIT $3",
      ["paid", 0, 21],
    ]);
  });

  it("always hold without filters", () => {
    expect(`${conditions()}`).toBe("true");
  });
});
