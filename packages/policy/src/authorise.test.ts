import { create, type MessageInitShape } from "@bufbuild/protobuf";
import { describe, expect, it } from "vitest";
import { aMethod, type Declared } from "../test/contract.ts";
import { authorise, requireIdempotencyKey } from "./authorise.ts";
import { methodPolicy } from "./method-policy.ts";
import type { Principal } from "./principal.ts";

const principal = (...scopes: string[]): Principal => ({
  subject: "ada",
  scopes: new Set(scopes),
  roles: [],
  token: "",
  expiresAt: new Date(0),
});

function call(declared: Declared, request: MessageInitShape<ReturnType<typeof aMethod>["input"]> = {}) {
  const method = aMethod(declared);
  const policy = methodPolicy(method);
  const message = create(method.input, request);
  return {
    by: (who?: Principal, caller?: string) => () => authorise(policy, message, who, caller),
    keyed: () => requireIdempotencyKey(policy, message),
  };
}

describe("a public RPC", () => {
  it("is open to all", () => expect(call({ auth: { public: true } }).by()).not.toThrow());
});

describe("an RPC with scopes", () => {
  const { by } = call({ auth: { scopes: ["carts.read", "carts.write"] } });
  it("needs a token", () => expect(by()).toThrow(expect.objectContaining({ reason: "TOKEN_MISSING" })));
  it("needs all of them", () =>
    expect(by(principal("carts.read"))).toThrow(
      expect.objectContaining({ reason: "SCOPE_MISSING", metadata: { scope: "carts.write" } }),
    ));
  it("is open to who has them", () => expect(by(principal("carts.read", "carts.write"))).not.toThrow());
  it("is closed to services that bring no user", () =>
    expect(by(undefined, "orders")).toThrow(expect.objectContaining({ reason: "TOKEN_MISSING" })));
});

describe("an RPC with scopes that admits guests", () => {
  const { by } = call({ auth: { scopes: ["carts.write"], guests: true } });
  it("is open to callers without a token", () => expect(by()).not.toThrow());
  it("needs the scopes of callers with a token", () =>
    expect(by(principal("carts.read"))).toThrow(expect.objectContaining({ reason: "SCOPE_MISSING" })));
  it("has no owner field, and needs scopes", () => {
    const owner = { scopes: ["s"], guests: true, ownerField: "cart.user_id" };
    expect(() => call({ auth: owner })).toThrow("auth.guests excludes auth.owner_field");
    expect(() => call({ auth: { public: true, guests: true } })).toThrow("auth.guests needs auth.scopes");
  });
});

describe("an RPC with an owner", () => {
  const auth = { scopes: ["s"], ownerField: "cart.user_id", ownerBypassScope: "all" };
  it("is open to the owner", () =>
    expect(call({ auth }, { cart: { userId: "ada" } }).by(principal("s"))).not.toThrow());
  it.each([{ cart: { userId: "bob" } }, { cart: { userId: "" } }, {}])("is closed to others: %o", (request) =>
    expect(call({ auth }, request).by(principal("s"))).toThrow(
      expect.objectContaining({ reason: "NOT_OWNER", metadata: { field: "cart.userId" } }),
    ),
  );
  it("is open to who may bypass", () =>
    expect(call({ auth }, { cart: { userId: "bob" } }).by(principal("s", "all"))).not.toThrow());
});

describe("an internal RPC", () => {
  const { by } = call({ auth: { callers: ["orders"] } });
  it("is open to the callers it names", () => expect(by(undefined, "orders")).not.toThrow());
  it.each([undefined, "catalog"])("is closed to %s, whatever scopes the user has", (caller) =>
    expect(by(principal("carts.read"), caller)).toThrow(expect.objectContaining({ reason: "CALLER_NOT_ALLOWED" })),
  );
});

describe("a required idempotency key", () => {
  const declared = { auth: { public: true }, idempotency: { required: true, field: "id" } };
  it("is demanded, naming its field", () =>
    expect(call(declared).keyed).toThrow(
      expect.objectContaining({ violations: [expect.objectContaining({ field: "id" })] }),
    ));
  it("satisfies", () => expect(call(declared, { id: "k" }).keyed).not.toThrow());
});
