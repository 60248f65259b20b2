import { checkPolicies } from "@kontor/policy";
import { expect, it } from "vitest";
import { registry } from "../src/registry.ts";

it("the contracts of the shop have sound policies", () => {
  expect(checkPolicies(registry)).toEqual([]);
});
