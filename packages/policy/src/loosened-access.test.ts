import { createFileRegistry, type MessageInitShape } from "@bufbuild/protobuf";
import type { AuthSchema } from "@kontor/contracts/options/v1/options";
import { describe, expect, it } from "vitest";
import { aMethod } from "../test/contract.ts";
import { loosenedAccess } from "./loosened-access.ts";

type Auth = MessageInitShape<typeof AuthSchema>;
const contract = (auth: Auth) => createFileRegistry(aMethod({ auth }).parent.file.proto, () => undefined);
const change = (before: Auth, after: Auth) => loosenedAccess(contract(before), contract(after));
const none = createFileRegistry();
const name = "kontor.test.v1.CartsService/GetCart";
const owned = { scopes: ["s"], ownerField: "id" };

describe("a change of access", () => {
  it.each<[string, Auth, Auth, string]>([
    ["opens an RPC of users to anyone", { scopes: ["s"] }, { public: true }, "it was for users and is public."],
    [
      "opens an RPC of services to users",
      { callers: ["a"] },
      { scopes: ["s"] },
      "it was for services and is for users.",
    ],
    ["requires fewer scopes", { scopes: ["s", "t"] }, { scopes: ["t"] }, "the scope s is gone."],
    ["requires another scope", { scopes: ["s"] }, { scopes: ["t"] }, "the scope s is gone."],
    ["admits another service", { callers: ["a"] }, { callers: ["a", "b"] }, "b may call it, too."],
    ["removes the owner", owned, { scopes: ["s"] }, "id need not be the caller any more."],
    [
      "takes another owner",
      owned,
      { scopes: ["s"], ownerField: "cart.user_id" },
      "the owner is in cart.user_id instead of id.",
    ],
    [
      "lets a scope bypass the owner",
      owned,
      { ...owned, ownerBypassScope: "any" },
      "with the scope any one need not be the owner.",
    ],
  ])("is reported when it %s", (_, before, after, way) => {
    expect(change(before, after)).toEqual([`${name}: ${way}`]);
  });

  it.each<[string, Auth, Auth]>([
    ["nothing changes", owned, owned],
    ["a public RPC requires a scope", { public: true }, { scopes: ["s"] }],
    ["an RPC of users becomes one of services", { scopes: ["s"] }, { callers: ["a"] }],
    ["one more scope is required", { scopes: ["s"] }, { scopes: ["s", "t"] }],
    ["an owner is required", { scopes: ["s"] }, owned],
    ["a service may call no more", { callers: ["a", "b"] }, { callers: ["a"] }],
    ["no scope passes the owner any more", { ...owned, ownerBypassScope: "any" }, owned],
  ])("is fine when %s", (_, before, after) => {
    expect(change(before, after)).toEqual([]);
  });

  it("skips new and removed RPCs", () => {
    expect(loosenedAccess(none, contract(owned))).toEqual([]);
    expect(loosenedAccess(contract(owned), none)).toEqual([]);
  });
});
