import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import { insertion, sortedLine } from "./edit.ts";
import { namesOf } from "./names.ts";
import { DEFAULT_EVENT, planNewService } from "./new-service.ts";
import { planRemoval } from "./remove-service.ts";
import { shopEdits } from "./shop-edits.ts";
import { edited } from "./tree.ts";

const root = fileURLToPath(new URL("../../../../", import.meta.url));
const at = new Date("2026-12-24T10:00:00Z");
const plan = (name: string, consumes = DEFAULT_EVENT, resource?: string) =>
  planNewService(root, { name, consumes, at, resource });

/** Applies edits over texts that are not written to disk. */
function applied(texts: ReadonlyMap<string, string>, name: string, way: "add" | "remove"): Map<string, string> {
  const ports = { grpc: 5099, metrics: 9099 };
  const consumed = { event: "OrderConfirmed", service: "orders", stream: "orders" };
  const changed = new Map(texts);
  for (const edit of shopEdits({ ...namesOf(name), ports, consumed }))
    changed.set(edit.file, edit[way](changed.get(edit.file) ?? readFileSync(join(root, edit.file), "utf8")));
  return changed;
}

describe("a new service", () => {
  it.each(["reviews", "accounts", "wishlists", "loyalty", "zones"])("%s leaves no trace after its removal", (name) => {
    const restored = applied(applied(new Map(), name, "add"), name, "remove");
    expect(restored.has("apps/shop/src/services.ts")).toBe(true);
    for (const [file, text] of restored) expect(text, file).toBe(readFileSync(join(root, file), "utf8"));
  });

  it("can be removed before and after another that was created next to it", () => {
    const first = applied(new Map(), "reviews", "add");
    const both = applied(first, "zones", "add");
    expect(applied(both, "zones", "remove")).toEqual(first);
    const second = applied(new Map(), "zones", "add");
    for (const [file, text] of applied(both, "reviews", "remove")) expect(text, file).toBe(second.get(file));
  });

  it("has contracts, an app and tests, all placeholders filled", () => {
    const texts = plan("reviews");
    expect([...texts.keys()]).toEqual(
      expect.arrayContaining([
        "proto/shop/reviews/v1/reviews_service.proto",
        "apps/reviews/src/commands/create-review.ts",
        "apps/reviews/prisma/migrations/20261224000000_init/migration.sql",
        "apps/reviews/test/reviews.test.ts",
      ]),
    );
    for (const [path, text] of texts) if (path.includes("reviews")) expect(text, path).not.toMatch(/__\w+__/);
  });

  it("changes no file that is there but the list of services", () => {
    const changed = [...plan("reviews").keys()].filter((path) => existsSync(join(root, path)));
    expect(changed).toEqual(["apps/shop/src/services.ts"]);
  });

  it("consumes the event that is named", () => {
    const texts = plan("reviews", "shop.orders.v1.OrderConfirmed");
    expect(texts.get("apps/shop/src/services.ts")).toContain('"reviews-orders": { stream: "orders"');
    expect(texts.get("apps/reviews/src/inbound/events.ts")).toContain("on(OrderConfirmedSchema");
  });

  it.each([
    ["Reviews", "lowercase"],
    ["my-reviews", "without hyphens"],
    ["x", "3 to 20"],
    ["orders", "apps/orders is there"],
    ["messaging", "packages/messaging is there"],
    ["products", "/api/v1/products is taken"],
    ["gateway", "apps/gateway is there"],
    ["postgres", "another meaning"],
    ["dates", "--resource"],
  ])("is refused with the name %s", (name, reason) => {
    expect(() => plan(name)).toThrow(reason);
  });

  it("is refused with a resource whose error another service has", () => {
    expect(() => plan("purchases", DEFAULT_EVENT, "order")).toThrow("docs/errors/order-not-found.md is there");
  });

  it("is refused with an event that does not exist", () => {
    expect(() => plan("reviews", "shop.orders.v1.Order")).toThrow("There is no event shop.orders.v1.Order");
  });
});

describe("a place that is not there", () => {
  const edits = [
    insertion("Tiltfile", { before: "nowhere" }, "never"),
    insertion("Tiltfile", { after: "services" }, "never"),
    sortedLine("skaffold.yaml", "line", { like: /^nowhere/, own: /never/ }),
  ];

  it("changes nothing, and every one is named", () => {
    expect(() => edited(root, edits, "add")).toThrow(
      /Nothing was changed.*\n.*Tiltfile has no "nowhere"\.\n.*Tiltfile has "services" more than once\.\n.*skaffold\.yaml has no line like \^nowhere/,
    );
  });

  it("is skipped on demand when a service is removed", () => {
    expect(edited(root, edits, "remove", { skip: true })).toEqual(new Map());
  });
});

it("a service that was written by hand is not removed", () => {
  expect(() => planRemoval(root, "orders")).toThrow("not a service that `new service` created");
});
