import { registry } from "@kontor/contracts/registry";
import { describe, expect, it } from "vitest";
import { aMethod, type Declared } from "../test/contract.ts";
import { checkPolicies } from "./check-policies.ts";
import { methodPolicy } from "./method-policy.ts";

const problemsOf = (declared: Declared) => checkPolicies([aMethod(declared).parent]);

describe("checking the policies of a contract", () => {
  it.each<[string, Declared, RegExp]>([
    ["an RPC without auth", {}, /CartsService\/GetCart declares no/],
    ["auth that says nothing", { auth: {} }, /none of public, scopes and callers/],
    ["scopes on a public RPC", { auth: { public: true, scopes: ["carts.read"] } }, /more than one/],
    ["callers beside scopes", { auth: { callers: ["orders"], scopes: ["carts.read"] } }, /more than one/],
    ["an internal RPC with a route", { auth: { callers: ["orders"] }, get: "/api/v1/carts" }, /has an http rule/],
    ["an owner field that is not there", { auth: { scopes: ["s"], ownerField: "user_id" } }, /no field "user_id"/],
    ["a nested owner field that is not there", { auth: { scopes: ["s"], ownerField: "cart.owner" } }, /"cart.owner"/],
    ["an owner field that is no string", { auth: { scopes: ["s"], ownerField: "count" } }, /not a string/],
    ["an owner on a public RPC", { auth: { public: true, ownerField: "id" } }, /no sense on a public RPC/],
    ["a bypass without an owner", { auth: { scopes: ["s"], ownerBypassScope: "all" } }, /needs auth.owner_field/],
    ["a key field that is not there", { auth: { public: true }, idempotency: { field: "key" } }, /no field "key"/],
  ])("finds %s", (_, declared, problem) => {
    expect(problemsOf(declared)).toEqual([expect.stringMatching(problem)]);
  });

  it("finds nothing in a sound contract", () => {
    expect(problemsOf({ auth: { scopes: ["s"], ownerField: "cart.user_id" }, get: "/api/v1/carts/{id}" })).toEqual([]);
  });

  it("finds nothing in the contracts of the shop", () => {
    expect(checkPolicies(registry)).toEqual([]);
  });
});

describe("the policy of a method", () => {
  it("is read once", () => {
    const method = aMethod({ auth: { public: true } });
    expect(methodPolicy(method)).toBe(methodPolicy(method));
    expect(methodPolicy(method)).toMatchObject({ auth: { kind: "public" }, timeoutMs: 15_000 });
  });

  it("is refused, naming the RPC, where auth is absent", () => {
    expect(() => methodPolicy(aMethod({}))).toThrow("kontor.test.v1.CartsService/GetCart");
  });
});
