import { readFileSync } from "node:fs";
import { join } from "node:path";
import { serviceNames } from "@kontor/shop";
import { describe, expect, it } from "vitest";
import { applied, root } from "../../test/applied.ts";
import { planNewRpc, planRpcRemoval } from "./new-rpc.ts";
import { rpcEdits } from "./rpc-edits.ts";
import { spellingsOf } from "./spellings.ts";

describe("a new RPC", () => {
  const name = spellingsOf("RPC", "CountVotes", "CountVotes");
  const request = { rpc: "CountVotes", changes: false, scope: "profile.read", path: undefined };

  it.each(serviceNames)("of %s has its entries once, and leaves no trace after its removal", (service) => {
    const edits = rpcEdits(service, name, {
      changes: true,
      scope: undefined,
      path: `/api/v1/${service}/{id}:countVotes`,
    });
    const texts = applied(edits, new Map(), "add");
    expect(texts.get(`proto/shop/${service}/v1/${service}_service.proto`)).toContain(
      "rpc CountVotes(CountVotesRequest)",
    );
    for (const [file, text] of applied(edits, texts, "remove"))
      expect(text, file).toBe(readFileSync(join(root, file), "utf8"));
  });

  it("has contract, rule, route, access, handler, query, test and change file", () => {
    const texts = planNewRpc(root, { ...request, service: "orders" });
    const contract = texts.get("proto/shop/orders/v1/orders_service.proto");
    for (const part of ['get: "/api/v1/orders/{id}:countVotes"', 'scopes: ["profile.read"]', "min_length: 1"])
      expect(contract).toContain(part);
    expect([...texts.keys()]).toEqual(
      expect.arrayContaining([
        "apps/orders/src/inbound/grpc.ts",
        "apps/orders/src/queries/count-votes.ts",
        "apps/orders/test/count-votes.test.ts",
        ".changeset/orders-count-votes.md",
      ]),
    );
    for (const [path, text] of texts) if (path.includes("count-votes")) expect(text, path).not.toMatch(/__\w+__/);
  });

  it.each([
    [{ service: "order" }, 'There is no service "order". Name one of users'],
    [{ rpc: "countVotes" }, "upper camel case"],
    [{ rpc: "Count" }, "two words"],
    [{ rpc: "PlaceOrder" }, "orders_service.proto declares it"],
    [{ scope: "votes.read" }, 'There is no scope "votes.read"'],
    [{ path: "/api/v1/orders/{order_id}" }, "contain {id}"],
    [{ path: "/votes/{id}" }, "begin with /api/v1/"],
    [{ service: "notifications", path: "/api/v1/notifications/{id}:countVotes" }, undefined],
  ])("given %j is refused with the input and the remedy", (given, reason) => {
    const plan = () => planNewRpc(root, { ...request, service: "orders", ...given });
    if (reason === undefined) expect(plan()).toBeInstanceOf(Map);
    else expect(plan).toThrow(reason);
  });

  it("that was written by hand is not removed", () => {
    expect(() => planRpcRemoval(root, { service: "orders", rpc: "PlaceOrder", force: false })).toThrow(
      "not an RPC of orders that `new rpc` created",
    );
  });
});
