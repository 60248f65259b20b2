import { readFileSync } from "node:fs";
import { join } from "node:path";
import { serviceNames } from "@kontor/shop";
import { describe, expect, it } from "vitest";
import { applied, root } from "../../test/applied.ts";
import { eventEdits, planEventRemoval, planNewEvent } from "./new-event.ts";
import { spellingsOf } from "./spellings.ts";

describe("a new event", () => {
  const pairs = serviceNames.flatMap((service) => serviceNames.map((consumer) => [service, consumer] as const));

  it.each(pairs.filter(([service, consumer]) => service !== "notifications" && service !== consumer))(
    "of %s that %s consumes leaves no trace after its removal",
    (service, consumer) => {
      const name = spellingsOf("event", "VoteCounted", "VoteCounted");
      const edits = eventEdits(root, { service, name, consumer });
      const texts = applied(edits, new Map(), "add");
      expect(texts.get("apps/shop/src/services.ts")).toContain(`"${consumer}-vote-counted": {`);
      for (const [file, text] of applied(edits, texts, "remove"))
        expect(text, file).toBe(readFileSync(join(root, file), "utf8"));
    },
  );

  it("has contract, publication, consumer, and tests of both", () => {
    const texts = planNewEvent(root, { service: "catalog", event: "VoteCounted", consumer: "payments" });
    expect(texts.get("apps/payments/src/app.ts")).toContain("consumers: [voteCountedConsumer],");
    expect([...texts.keys()]).toEqual(
      expect.arrayContaining([
        "apps/catalog/src/outbound/publish-vote-counted.ts",
        "apps/catalog/test/publish-vote-counted.test.ts",
        "apps/payments/src/inbound/vote-counted.ts",
        "apps/payments/test/vote-counted.test.ts",
      ]),
    );
    for (const [path, text] of texts) if (path.includes("vote-counted")) expect(text, path).not.toMatch(/__\w+__/);
  });

  it.each([
    [{ consumer: "catalog" }, "Name another service: --consumer"],
    [{ consumer: "mails" }, 'There is no service "mails"'],
    [{ service: "notifications" }, "notifications publishes no events"],
    [{ event: "ProductChanged" }, "events.proto declares it"],
    [{ event: "vote" }, "upper camel case"],
  ])("given %j is refused with the input and the remedy", (given, reason) => {
    const request = { service: "catalog", event: "VoteCounted", consumer: "orders", ...given };
    expect(() => planNewEvent(root, request)).toThrow(reason);
  });

  it("that was written by hand is not removed", () => {
    expect(() => planEventRemoval(root, { service: "orders", event: "OrderPlaced", force: false })).toThrow(
      "not an event that `new event` created",
    );
  });
});
