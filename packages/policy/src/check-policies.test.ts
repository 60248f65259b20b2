import { describe, expect, it } from "vitest";
import { aMethod, type Declared } from "../test/contract.ts";
import { checkPolicies } from "./check-policies.ts";
import { methodPolicy } from "./method-policy.ts";

const problemsOf = (declared: Declared) => checkPolicies([aMethod(declared).parent]);

const open = { auth: { public: true } };

describe("checking the policies of a contract", () => {
  it.each<[string, Declared, RegExp]>([
    ["an RPC without auth", {}, /CartsService\/GetCart declares no/],
    ["an empty auth", { auth: {} }, /none of public, scopes and callers/],
    ["scopes on a public RPC", { auth: { public: true, scopes: ["carts.read"] } }, /more than one/],
    ["callers together with scopes", { auth: { callers: ["orders"], scopes: ["carts.read"] } }, /more than one/],
    ["an internal RPC with a route", { auth: { callers: ["orders"] }, get: "/api/v1/carts" }, /has an http rule/],
    ["an owner field that is not there", { auth: { scopes: ["s"], ownerField: "user_id" } }, /no field "user_id"/],
    ["a nested owner field that is not there", { auth: { scopes: ["s"], ownerField: "cart.owner" } }, /"cart.owner"/],
    ["an owner field that is no string", { auth: { scopes: ["s"], ownerField: "count" } }, /not a string/],
    ["an owner on a public RPC", { auth: { public: true, ownerField: "id" } }, /no sense on a public RPC/],
    ["a bypass without an owner", { auth: { scopes: ["s"], ownerBypassScope: "all" } }, /needs auth.owner_field/],
    ["a success that is an error", { ...open, successStatus: 404 }, /success_status 404 is not 200 to 299/],
    ["a success that is no status", { ...open, successStatus: 999 }, /success_status 999/],
    ["a success of 0", { ...open, successStatus: 0 }, /success_status 0/],
    ["a location of no field", { ...open, location: "/carts/{nope}" }, /neither response nor request .*"nope"/],
    ["a location of a message", { ...open, location: "/carts/{cart}" }, /neither response nor request .*"cart"/],
    ["a location that nothing serves", { ...open, get: "/c/{id}", location: "/carts/{id}" }, /no GET serves/],
    ["a tag of no field", { ...open, entityTag: { field: "nope" } }, /the response has no .*"nope"/],
    ["a stream of text tags", { ...open, streams: true, entityTag: { field: "tag" } }, /messages .* no integer "tag"/],
    ["a condition on no field", { ...open, entityTag: { ifMatchField: "cart" } }, /the request has no .*"cart"/],
    ["an error that is a success", { ...open, errorStatuses: [{ reason: "A", status: 200 }] }, /A the status 200/],
    ["an error that is the server's", { ...open, errorStatuses: [{ reason: "A", status: 500 }] }, /A the status 500/],
    ["an error without a status", { ...open, errorStatuses: [{ reason: "A" }] }, /A the status 0/],
    ["an error without a reason", { ...open, errorStatuses: [{ status: 409 }] }, /without a reason/],
    [
      "an error with two statuses",
      {
        ...open,
        errorStatuses: [
          { reason: "A", status: 409 },
          { reason: "A", status: 422 },
        ],
      },
      /names A twice/,
    ],
    ["a key field that is not there", { auth: { public: true }, idempotency: { field: "key" } }, /no field "key"/],
  ])("finds %s", (_, declared, problem) => {
    expect(problemsOf(declared)).toEqual([expect.stringMatching(problem)]);
  });

  it("finds nothing in a sound contract", () => {
    expect(problemsOf({ auth: { scopes: ["s"], ownerField: "cart.user_id" }, get: "/api/v1/carts/{id}" })).toEqual([]);
    expect(problemsOf({ ...open, get: "/carts/{cart.user_id}", location: "/carts/{id}" })).toEqual([]);
    expect(problemsOf({ ...open, entityTag: { ifMatchField: "count" } })).toEqual([]);
    expect(problemsOf({ ...open, entityTag: { field: "tag" } })).toEqual([]);
    expect(problemsOf({ ...open, streams: true, entityTag: { field: "version" } })).toEqual([]);
    const statuses = [
      { reason: "A", status: 400 },
      { reason: "B", status: 499 },
    ];
    expect(problemsOf({ ...open, successStatus: 201, errorStatuses: statuses })).toEqual([]);
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
